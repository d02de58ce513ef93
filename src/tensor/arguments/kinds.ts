/**
 * What the arguments of public functions must be, and one way to check them: types are gone when a program runs, and
 * users of JavaScript have none.
 */
import { Axis, describeAxes } from "../axis.ts";
import { DTYPES } from "../dtype.ts";
import { SurmiseError } from "../errors.ts";
import { Tensor } from "../tensor.ts";
import { shown } from "./numbers.ts";

/** What is wrong with a value, whose name `what` begins the sentence; undefined if nothing is. */
export type Kind = (what: string, value: unknown) => string | undefined;

/** The kind of those values that `accepts` is true for, in words. */
export function kindOf(words: string, accepts: (value: unknown) => boolean): Kind {
  return (what, value) =>
    accepts(value) ? undefined : `${what} must be ${words}, not ${shown(value)}`;
}

const isObject = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === "object" && x !== null;

const isNumbers = (x: unknown) =>
  ArrayBuffer.isView(x)
    ? !(x instanceof DataView)
    : Array.isArray(x) && x.every((each) => typeof each === "number");

/** A tensor. */
export const TENSOR: Kind = (what, value) => {
  const hint = typeof value === "number" ? `; constant(${value}) makes one` : "";
  return value instanceof Tensor
    ? undefined
    : `${what} must be a tensor, not ${shown(value)}${hint}`;
};
/** A tensor of conditions: a column of 0 and 1 is numbers, until it is compared. */
export const CONDITION: Kind = (what, value) => {
  if (!(value instanceof Tensor) || value.dtype === "uint8") return TENSOR(what, value);
  return `${what} must be conditions (uint8), such as x.eq(1) of numbers x, not ${value.dtype} ${describeAxes(value.axes)}`;
};
/** A tensor or a number. */
export const OPERAND = kindOf(
  "a tensor or a number",
  (x) => x instanceof Tensor || typeof x === "number",
);
/** An axis. */
export const AXIS = kindOf('an axis, such as axis("row", 10)', (x) => x instanceof Axis);
/** A text. */
export const TEXT = kindOf("a text", (x) => typeof x === "string");
/** A boolean. */
export const FLAG = kindOf("true or false", (x) => typeof x === "boolean");
/** A number, whichever; those with bounds are checked by `wholeNumber` and `realNumber`. */
export const NUMBER = kindOf("a number", (x) => typeof x === "number");
/** A number that is neither infinite nor NaN. */
export const FINITE = kindOf("a finite number", (x) => Number.isFinite(x));
/** Numbers in a list or a typed array. */
export const NUMBERS = kindOf("a list of numbers", isNumbers);
/** Bytes, such as those of a file. */
export const BYTES_OF_FILE = kindOf("bytes (a Uint8Array)", (x) => x instanceof Uint8Array);
/** What ends a run from outside. */
export const SIGNAL = kindOf(
  "an AbortSignal",
  (x) => isObject(x) && typeof x.aborted === "boolean",
);
/** A function. */
export const FUNCTION = kindOf("a function", (x) => typeof x === "function");
/** An object, whose entries are checked elsewhere. */
export const OBJECT = kindOf(
  "an object",
  (x) => isObject(x) && !Array.isArray(x) && !(x instanceof Tensor),
);
/** One of some words. */
export function oneOf(...words: readonly string[]): Kind {
  return kindOf(`one of ${words.join(", ")}`, (x) => words.some((word) => word === x));
}

/** The name of a data type. */
export const DTYPE = oneOf(...DTYPES);
/** The name of a type in which real numbers are computed. */
export const PRECISION = oneOf("float32", "float64");
/** A key of random numbers. */
export const KEY = kindOf(
  "a key, such as key(1)",
  (x) => isObject(x) && x.k0 instanceof Tensor && x.k1 instanceof Tensor,
);

/** What may be left out. */
export function optional(kind: Kind): Kind {
  return (what, value) => (value === undefined ? undefined : kind(what, value));
}

/** A list, all of one kind. */
export function listOf(kind: Kind): Kind {
  return (what, value) => {
    if (!Array.isArray(value)) return `${what} must be a list, not ${shown(value)}`;
    return firstOf(value.map((each, i) => kind(`${what}[${i}]`, each)));
  };
}

/** An object whose values are all of one kind, whatever their names. */
export function recordOf(kind: Kind): Kind {
  return (what, value) => {
    const complaint = OBJECT(what, value);
    if (complaint !== undefined) return complaint;
    return firstOf(
      Object.entries(value as object).map(([name, each]) => kind(`${what}.${name}`, each)),
    );
  };
}

/** An object with these entries, and others that are not looked at. */
export function objectWith(entries: Readonly<Record<string, Kind>>): Kind {
  return (what, value) => {
    if (!isObject(value)) return OBJECT(what, value);
    return firstOf(
      Object.entries(entries).map(([name, kind]) => kind(`${what}.${name}`, value[name])),
    );
  };
}

/** Whatever it is: what is checked elsewhere. */
export const ANYTHING: Kind = () => undefined;

/** An object with these entries and no others: `optionsWith<LagOptions>({ ... })` lists all that `LagOptions` has. */
export function optionsWith<Options>(entries: Readonly<Record<keyof Options, Kind>>): Kind {
  const names = Object.keys(entries);
  const each = objectWith(entries);
  return (what, value) => {
    const complaint = OBJECT(what, value);
    if (complaint !== undefined) return complaint;
    const stray = Object.keys(value as object).find((name) => !Object.hasOwn(entries, name));
    if (stray !== undefined)
      return `${what} has no entry '${stray}'; there are ${names.join(", ")}`;
    return each(what, value);
  };
}

/** One kind or the other; the complaint is that of the last. */
export function either(...kinds: readonly Kind[]): Kind {
  return (what, value) => {
    const complaints = kinds.map((kind) => kind(what, value));
    return complaints.includes(undefined) ? undefined : complaints.at(-1);
  };
}

function firstOf(complaints: readonly (string | undefined)[]): string | undefined {
  return complaints.find((complaint) => complaint !== undefined);
}

/**
 * Checks arguments of the function `name`, all of one kind: `checkArguments("grad", { y }, TENSOR)`.
 *
 * @throws SurmiseError as `grad: y must be a tensor, not undefined`.
 */
export function checkArguments(
  name: string,
  given: Readonly<Record<string, unknown>>,
  kind: Kind,
): void {
  for (const [argument, value] of Object.entries(given)) {
    const complaint = kind(`${name}: ${argument}`, value);
    if (complaint !== undefined) throw new SurmiseError(complaint);
  }
}
