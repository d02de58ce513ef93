/** Special functions and random numbers as both printers make them. */

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Evaluated, evaluate } from "../../src/compiler/oracle/index.ts";
import { type Expanded, ULPS } from "../../src/compiler/scalar/expand/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  allocate,
  axis,
  cos,
  digamma,
  erf,
  exp,
  expm1,
  input,
  key,
  lgamma,
  log,
  log1p,
  logAddExp,
  randomBits,
  sigmoid,
  sin,
  softplus,
  standardNormal,
  type Tensor,
  type TypedArray,
  tanh,
  threefry,
  trigamma,
  uniform,
} from "../../src/tensor/internal.ts";
import { COMPILED } from "../backends.ts";
import { temporaryCache } from "../runtime/cache.ts";
import { compute, type Float, scaleOf, unit } from "./fixtures/functions.ts";

temporaryCache();
const FUNCTIONS: Readonly<Record<Expanded, (x: Tensor, y: Tensor) => Tensor>> = {
  exp,
  log,
  sin,
  cos,
  tanh,
  sigmoid,
  softplus,
  log1p,
  expm1,
  erf,
  lgamma,
  digamma,
  trigamma,
  logAddExp,
};
const NAMES = Object.keys(FUNCTIONS) as Expanded[];
const DTYPES = { f32: "float32", f64: "float64" } as const;

/** Limits of the type, whole numbers, halves, and where functions change their form. */
function edges(type: Float): number[] {
  const [tiny, normal, huge] =
    type === "f32"
      ? [2 ** -149, 2 ** -126, (2 - 2 ** -23) * 2 ** 127]
      : [2 ** -1074, 2 ** -1022, Number.MAX_VALUE];
  const magnitudes = [0, tiny, 3 * tiny, normal - tiny, normal, huge / 2, huge, Infinity];
  const middle = [0.5, 1, 1.5, 2, 2.5, 3, 7, 12, 20, 88.7, 104, 709.78, 745.2, 2 ** 23, 2 ** 31];
  return [Number.NaN, ...[...magnitudes, ...middle].flatMap((x) => [x, -x])];
}

const RANDOM = 6000;

/** Numbers of every bit pattern alike, numbers of middling size, and the edges. */
function numbersOf(type: Float, seed: number): TypedArray {
  const words = Int32Array.from({ length: 2 * RANDOM }, (_, i) => threefry(seed, 0, i, 0)[0]);
  const patterns = type === "f32" ? new Float32Array(words.buffer) : new Float64Array(words.buffer);
  const fraction = (i: number) => threefry(seed, 1, i, 0)[0] / 2 ** 31;
  const middling = Array.from({ length: RANDOM }, (_, i) => {
    return Math.sign(fraction(i)) * 2 ** (12 * fraction(i + RANDOM) - 2);
  });
  const all = [...edges(type), ...patterns, ...middling];
  const data = allocate(DTYPES[type], all.length);
  data.set(all);
  return data;
}

/** Every special function of many numbers, as tensors. */
function functionsOf(type: Float) {
  const [first, second] = [numbersOf(type, 1), numbersOf(type, 2).reverse()];
  const place = axis("place", first.length);
  const [x, y] = ["x", "y"].map((name) => input(name, [place], DTYPES[type]));
  const outputs = Object.fromEntries(NAMES.map((name) => [name, FUNCTIONS[name](x, y)])) as Record<
    Expanded,
    Tensor
  >;
  return { first, second, outputs, inputs: { x: first, y: second } };
}

describe.each(["f32", "f64"] as const)("special functions in %s", (type) => {
  const { first, second, outputs, inputs } = functionsOf(type);
  const argumentsOf = (name: Expanded, i: number) =>
    name === "logAddExp" ? [first[i], second[i]] : [first[i]];
  let known: Evaluated[];
  beforeAll(() => {
    known = evaluate(Object.values(outputs), new Map(Object.entries(inputs)));
  });

  describe.each(COMPILED)("%s", (backend) => {
    let got: Record<string, { readonly data: TypedArray }>;
    beforeAll(() => {
      got = compile({ outputs }, { backend }).run({ inputs });
    });

    test.each(NAMES)("%s has the bits of its expansion", (name) => {
      const wrong = got[name].data.findIndex((x, i) => {
        return !Object.is(x, compute(name, type)(...argumentsOf(name, i)));
      });
      const at = wrong < 0 ? "" : argumentsOf(name, wrong).join(", ");
      expect(`${at}`).toBe("");
    });

    test.each(NAMES)("%s is as near to the oracle as is stated", (name) => {
      const { values, error, unsure } = known[NAMES.indexOf(name)];
      let judged = 0;
      const far: string[] = [];
      got[name].data.forEach((x, i) => {
        if (unsure[i] === 1) return;
        judged++;
        const exact = values[i];
        if (x === exact || (Number.isNaN(x) && Number.isNaN(exact))) return;
        const scale = scaleOf(name, argumentsOf(name, i), exact);
        const ulps = Math.abs(x - exact) / unit(type, scale);
        // Values of the oracle in f64 are themselves off by some roundings.
        const within = type === "f32" ? ulps <= ULPS[name].f32 : Math.abs(x - exact) <= error[i];
        if (!within) far.push(`${argumentsOf(name, i)}: ${x}, not ${exact}, ${ulps} ulps`);
      });
      expect(far).toEqual([]);
      expect(judged).toBeGreaterThan(RANDOM);
    });
  });
});

/** cos(2 pi v), the angle reduced without error. */
function cosOfTurns(v: number): number {
  const quarters = Math.round(4 * v);
  const angle = 2 * Math.PI * (v - quarters / 4);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c, -s, -c, s][(quarters + 4) % 4];
}

/** As stated for users, in units of the last place of the radius. */
const NORMAL_ULPS = 8;

describe.each(COMPILED)("random numbers of %s", (backend) => {
  const [rows, columns] = [axis("rows", 211), axis("columns", 157)];
  const axes = [rows, columns];
  const k = key(2 ** 40 + 12345);
  const word = (i: number, stream: 0 | 1, block = 0) => {
    return threefry((2 ** 40 + 12345) | 0, 2 ** 8, i, block)[stream];
  };
  const of = (x: Tensor) => compile({ outputs: { x } }, { backend }).run().x.data;
  /** The two uniform numbers behind draw number `i`. */
  const uniforms = (type: Float, i: number): [number, number] => {
    const one = (stream: 0 | 1) => ((word(i, stream) >>> 9) + 0.5) * 2 ** -23;
    if (type === "f32") return [one(0), one(1)];
    const two = (block: number) => {
      const [high, low] = [word(i, 0, block), word(i, 1, block)].map((bits) => bits >>> 6);
      return (high * 2 ** 26 + low + 0.5) * 2 ** -52;
    };
    return [two(0), two(1)];
  };

  test("bits are those of threefry", () => {
    for (const stream of [0, 1] as const) {
      const bits = of(randomBits(k, axes, stream));
      expect(bits).toEqual(bits.map((_, i) => word(i, stream)));
    }
  });

  test.each(["f32", "f64"] as const)("uniform numbers are exact in %s", (type) => {
    const got = of(uniform(k, axes, DTYPES[type]));
    expect(got).toEqual(got.map((_, i) => uniforms(type, i)[0]));
  });

  test.each(["f32", "f64"] as const)("normal numbers are as near as is stated in %s", (type) => {
    let worst = 0;
    of(standardNormal(k, axes, DTYPES[type])).forEach((x, i) => {
      const row = Math.floor(i / columns.size);
      const pair = (row >> 1) * columns.size + (i % columns.size);
      const [u, v] = uniforms(type, pair);
      const radius = Math.sqrt(-2 * Math.log(u));
      const exact = radius * cosOfTurns(v - (row & 1) / 4);
      worst = Math.max(worst, Math.abs(x - exact) / unit(type, radius));
    });
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThanOrEqual(NORMAL_ULPS);
  });
});

/** Over one axis, in pairs, and as many as are not kept in memory. */
const SHAPES = [[10_007], [2, 3], [101, 50], [7, 1], [3, 1_400_001]];

test
  .runIf(COMPILED.length > 1)
  .each(Object.values(DTYPES).flatMap((dtype) => SHAPES.map((sizes) => [dtype, sizes] as const)))(
  "normal numbers have the same bits in both: %s %j",
  (dtype, sizes) => {
    const axes = sizes.map((size, i) => axis(`n${i}`, size));
    const spec = { outputs: { z: standardNormal(key(3), axes, dtype) } };
    const [one, other] = COMPILED.map((backend) => {
      const { buffer, byteOffset, byteLength } = compile(spec, { backend }).run().z.data;
      return Buffer.from(buffer, byteOffset, byteLength);
    });
    expect(one.equals(other)).toBe(true);
  },
);

test("the errors users read of are the errors that are tested", () => {
  const text = readFileSync(new URL("../../docs/accuracy.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| (\w+) \| ([\d.]+) \| ([\d.]+) \|/gm)];
  const told = rows.map(([, name, f32, f64]) => [name, { f32: Number(f32), f64: Number(f64) }]);
  expect(Object.fromEntries(told)).toEqual(ULPS);
  expect(text).toContain(`at most ${NORMAL_ULPS} units`);
});
