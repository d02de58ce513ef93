/** Settings of runs: what they may be, and the words in which they are refused. */
import { createHash } from "node:crypto";
import { z } from "zod";
import {
  checkArguments,
  FUNCTION,
  listOf,
  OBJECT,
  objectWith,
  SurmiseError,
  TEXT,
} from "../tensor/internal.ts";

const positive = "a whole number of at least 1";
/** A setting that counts: a whole number of at least 1. */
export const count = z.int(positive).min(1, positive);

const above = "a finite number greater than 0";
/** A setting that is a positive finite number, such as a learning rate. */
export const rate = z.number(above).positive(above);

const whole = "a whole number from 0 to 2^53 - 1";
/** A setting that is a seed: a whole number from 0 to 2^53 - 1. */
export const seed = z.int(whole).min(0, whole);

/** A setting that is one of these words. */
export const choice = <const T extends readonly [string, ...string[]]>(...values: T) => {
  checkArguments("choice", { values }, listOf(TEXT));
  return z.enum(values, `one of ${values.join(", ")}`);
};

/**
 * The settings with their defaults. `nameOf` says what to call a setting in messages.
 *
 * @throws SurmiseError naming each setting that is not known or has a value it cannot have.
 */
export function parseSettings<Shape extends z.ZodRawShape>(
  settings: z.ZodObject<Shape, z.core.$strict>,
  given: unknown,
  nameOf: (setting: string) => string = (setting) => setting,
): z.output<z.ZodObject<Shape, z.core.$strict>> {
  checkArguments("parseSettings", { settings }, objectWith({ safeParse: FUNCTION }));
  const { data, error } = settings.safeParse(given, { reportInput: true });
  if (error === undefined) return data;
  const known = Object.keys(settings.shape).map(nameOf).join(", ");
  const complaint = (issue: z.core.$ZodIssue): string => {
    if (issue.code === "unrecognized_keys") {
      return `unknown setting ${issue.keys.map(nameOf).join(", ")}: the known ones are ${known}`;
    }
    const value = issue.input === "" ? '""' : String(issue.input);
    return `${nameOf(String(issue.path[0]))} is ${value}: it must be ${issue.message}`;
  };
  throw new SurmiseError(error.issues.map(complaint).join("; "));
}

/** A short fingerprint of settings, the same for the same settings in any order. */
export function configHash(config: object): string {
  checkArguments("configHash", { config }, OBJECT);
  const sorted = Object.entries(config)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 16);
}
