/** Junk in the place of arguments: every public function works with it, or refuses it in the words of surmise. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { normal } from "../src/distributions/index.ts";
import { axis, constant, input, key, SurmiseError } from "../src/tensor/index.ts";

type Callable = (...given: unknown[]) => unknown;

const doors = manifest.exports;
const row = axis("row", 3);
const nothing = Object.create(null);
/** What people pass by mistake, and what answers strangely to being looked at. */
const JUNK: readonly unknown[] = [
  undefined,
  null,
  3,
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2n ** 70n,
  "",
  "x",
  true,
  Symbol("s"),
  {},
  nothing,
  [],
  [undefined],
  [[1, 2], [3]],
  new Date(Number.NaN),
  new Map(),
  new Float32Array(2),
  () => undefined,
  row,
  constant(1),
  input("x", [row]),
  key(1),
  normal(0, 1),
];
/** Whole argument lists: nothing, one thing, the same thing throughout, and junk behind what is right. */
const LISTS: readonly (readonly unknown[])[] = [
  [],
  ...JUNK.map((x) => [x]),
  ...JUNK.map((x) => [x, x, x, x]),
  ...JUNK.flatMap((x) => [input("y", [row]), normal(0, 1), () => row].map((y) => [y, x])),
];
/** What works without arguments, for long, or on the network: called with what is no object. */
const WORKS = new Set(["drawDigits", "loadBuses", "loadMovieLens", "loadImageData"]);
const isOptions = (x: unknown) => x === undefined || (typeof x === "object" && x !== null);

/** Objects of these classes are made by functions, which check: whoever calls `new` is on his own. */
const isClass = (x: Callable) => /^class\b/.test(Function.prototype.toString.call(x));

/** What asks the machine or the network, or writes: called with nothing but what it must refuse. */
const folder = mkdtempSync(join(tmpdir(), "surmise-junk-"));
const before = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => process.chdir(before));

/** Functions that are public, by name: those of the doors, and those in the tables that doors hold. */
async function functionsOf(door: string): Promise<[string, Callable][]> {
  const source = doors[door as keyof typeof doors].default.replace("./dist/", "../src/");
  const found = await import(/* @vite-ignore */ source.replace(/\.js$/, ".ts"));
  return Object.entries<unknown>(found).flatMap(([name, x]): [string, Callable][] => {
    if (typeof x === "function") return isClass(x as Callable) ? [] : [[name, x as Callable]];
    const isTable = typeof x === "object" && x !== null && name === name.toLowerCase();
    if (!isTable) return [];
    return Object.entries(x).flatMap(([part, f]): [string, Callable][] =>
      typeof f === "function" && !isClass(f as Callable) ? [[`${name}.${part}`, f]] : [],
    );
  });
}

const LONG = 20;
/** What comes of a call: nothing wrong, or the error. A promise is waited for shortly; what it waits for is its own. */
async function errorOf(f: Callable, list: readonly unknown[]): Promise<unknown> {
  try {
    const result = f(...list);
    if (!(result instanceof Promise)) return undefined;
    const end = new Promise((resolve) => setTimeout(resolve, LONG));
    await Promise.race([result, end]);
    result.catch(() => undefined);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe.each(Object.keys(doors).filter((door) => door !== "."))("surmise/%s", (door) => {
  test("junk is refused by name", async () => {
    const wrong: string[] = [];
    for (const [name, f] of await functionsOf(door)) {
      for (const list of LISTS) {
        if (WORKS.has(name) && isOptions(list[0])) continue;
        const error = await errorOf(f, list);
        if (error === undefined) continue;
        if (error instanceof SurmiseError) continue;
        wrong.push(`${name}(${list.map(shownAs).join(", ")}): ${error}`);
        break;
      }
    }
    expect(wrong).toEqual([]);
  });
});

function shownAs(x: unknown): string {
  if (x === nothing) return "{} without a prototype";
  if (typeof x === "bigint" || typeof x === "symbol") return x.toString();
  if (Array.isArray(x)) return `[${x.map(shownAs)}]`;
  return typeof x === "object" ? Object.prototype.toString.call(x) : `${x}`;
}
