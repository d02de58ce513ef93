/** The oracle itself: its special functions, its error bounds, and what it calls unsure. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Evaluated, evaluate } from "../../src/compiler/oracle/index.ts";
import * as special from "../../src/compiler/oracle/special.ts";
import {
  axis,
  cast,
  cholesky,
  constant,
  digamma,
  exp,
  floor,
  grad,
  index,
  input,
  lgamma,
  log,
  max,
  maximum,
  select,
  sin,
  sqrt,
  square,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";

type Row = readonly [number, number, number];
const file = new URL("fixtures/special.json", import.meta.url);
const reference = JSON.parse(readFileSync(file, "utf8")).double as Record<string, Row[]>;

const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  sigmoid: special.sigmoid,
  softplus: special.softplus,
  erf: special.erf,
  lgamma: special.lgamma,
  digamma: special.digamma,
  trigamma: special.trigamma,
};

describe("special functions", () => {
  test.each(Object.keys(FUNCTIONS))("%s has its values to within ten roundings", (name) => {
    expect(reference[name].length).toBeGreaterThan(100);
    for (const [x, y] of reference[name]) {
      if (!Number.isFinite(y)) continue;
      // Where a sum cancels, of its largest term.
      const terms = name === "lgamma" ? 1 + Math.abs(x) * Math.log(Math.max(1, Math.abs(x))) : 0;
      const inner = name === "digamma" ? 1 + Math.log(Math.max(1, Math.abs(x))) : 0;
      const scale = Math.abs(y) + terms + inner;
      const distance = Math.abs(FUNCTIONS[name](x) - y);
      expect(distance, `${name}(${x})`).toBeLessThanOrEqual(10 * 2 ** -53 * scale + 2 ** -1073);
    }
  });
});

const a = axis("a", 4);
const f32 = (...x: number[]) => tensor(x, [axis("k", x.length)]);
const of = (x: Tensor): Evaluated => evaluate([x], new Map())[0];
/** As numbers, with a question mark where the oracle is unsure. */
const told = (x: Tensor): (number | "?")[] => {
  const { values, unsure } = of(x);
  return Array.from(values, (v, i) => (unsure[i] === 1 ? "?" : v));
};

/** Half a unit in the last place of 1. */
const UNIT = 2 ** -24;
/** 1 with an error of about UNIT. */
const about = (...x: number[]) =>
  f32(...x)
    .mul(3)
    .div(3);

describe("bounds", () => {
  test("nothing is rounded, no error", () => {
    const x = f32(1, 2, -0.5, 0);
    for (const y of [
      x.add(3),
      x.mul(x),
      sum(x.mul(2)),
      max(x),
      x.sub(x),
      sqrt(square(x)),
      x.neg(),
    ]) {
      expect([...of(y).error]).toEqual(Array.from(of(y).error, () => 0));
    }
    expect([...of(sum(tensor(new Float64Array(4).fill(0.5), [a]))).values]).toEqual([2]);
  });
  test("one rounding is one unit roundoff", () => {
    const { values, error } = of(f32(0.1).mul(0.3));
    expect(error[0] / values[0] / UNIT).toBeCloseTo(1, 2);
  });
  test("sums count their terms and the size of these", () => {
    const { values, error } = of(sum(f32(0.1, 0.2, -0.3, 1e-9)));
    expect(Math.abs(values[0])).toBeLessThan(1e-7);
    expect(error[0] / UNIT / 0.6).toBeCloseTo(4, 1);
  });
  test("sums of sums, which may be merged, count all terms", () => {
    const b = axis("b", 2);
    const x = tensor([1.1, -1.1, 2.3, -2.3], [axis("c", 2), b]);
    expect(of(sum(sum(x, b))).error[0] / UNIT / 6.8).toBeGreaterThan(3.9);
  });
  test("are larger where a function is steeper", () => {
    const flat = of(exp(about(1))).error[0];
    const steep = of(exp(about(10))).error[0];
    expect(steep / Math.exp(10)).toBeGreaterThan((2 * flat) / Math.exp(1));
  });
  test("of float64 are those of doubles", () => {
    const x = cast(f32(0.1), "float64").mul(0.3);
    expect(of(x).error[0] / of(x).values[0]).toBeLessThan(2 ** -51);
  });
  test("cover a product of factors in another order", () => {
    const y = f32(1e30).mul(1e-30).mul(1e-30);
    expect(of(y).error[0]).toBeGreaterThanOrEqual(2 ** -149 * 1e30);
    expect(told(f32(1e30).mul(1e30).mul(1e-30))).toEqual(["?"]);
  });
});

describe("unsure", () => {
  test("a factor of a matrix that is unknown", () => {
    const [row, column] = [axis("row", 2), axis("column", 2)];
    // In doubles it is NaN; in float32 the operand may be positive.
    const unknown = sum(log(about(1).sub(1 + 1e-12)));
    expect(told(unknown)).toEqual(["?"]);
    const matrix = select(index(row).eq(index(column)), unknown.add(1), 0);
    expect(told(cholesky(matrix, row, column))).toEqual(["?", "?", 0, "?"]);
  });
  const x = about(1, 2, 0.9999);

  test("comparisons within the error", () => {
    expect(told(x.lt(1))).toEqual(["?", 0, 1]);
    expect(told(x.eq(1))).toEqual(["?", 0, 0]);
    expect(told(f32(1, 2).lt(1))).toEqual([0, 0]);
    expect(told(x.eq(x))).toEqual([1, 1, 1]);
    expect(told(x.lt(Number.NaN))).toEqual([0, 0, 0]);
  });
  test("floor and casts at a whole number", () => {
    expect(told(floor(x))).toEqual(["?", "?", 0]);
    expect(told(cast(x, "int32"))).toEqual(["?", "?", 0]);
    expect(told(cast(f32(1, 2.5, -2.5), "int32"))).toEqual([1, 2, -2]);
  });
  test("a choice between values that differ, not between ones that agree", () => {
    expect(told(select(x.lt(1), 5, 7))).toEqual(["?", 7, 5]);
    expect(told(select(x.lt(1), x, 1))[0]).toBe(1);
    expect(told(select(x.lt(1), 5, 5))).toEqual([5, 5, 5]);
  });
  test("maxima are continuous, and one of the numbers they are compared with", () => {
    expect(told(maximum(x, 1))[0]).toBe(1);
    const y = about(1, 3, 2);
    expect(told(y.eq(max(y)))).toEqual([0, 1, 0]);
    const tied = about(3, 3, 2);
    expect(told(tied.eq(max(tied)))).toEqual(["?", "?", 0]);
    const given = f32(3, 3, 2);
    expect(told(given.eq(max(given)))).toEqual([1, 1, 0]);
  });
  test("near the edge of a domain, and near a pole", () => {
    const zero = x.sub(1);
    expect(told(log(zero))[0]).toBe("?");
    expect(told(sqrt(zero))[0]).toBe("?");
    expect(told(constant(1).div(zero))[0]).toBe("?");
    expect(told(digamma(zero))[0]).toBe("?");
    expect(told(lgamma(x.sub(2)))[0]).toBe("?");
    expect(told(log(f32(0, -1, 1)))).toEqual([Number.NEGATIVE_INFINITY, Number.NaN, 0]);
  });
  test("near the largest number, not far beyond", () => {
    expect(told(exp(f32(88.72284, 88.8, 200)))).toEqual(["?", Infinity, Infinity]);
    expect(told(sum(f32(3e38, 3e38, -3e38)))).toEqual(["?"]);
    expect(told(cast(tensor(Float64Array.of(1e39, 1e38), [axis("k", 2)]), "float32"))).toEqual([
      Infinity,
      1e38,
    ]);
  });
  test("angles beyond what is promised", () => {
    expect(told(sin(f32(9e3, 2e4)))).toEqual([Math.sin(9e3), "?"]);
  });
  test("infinities that come for certain are certain", () => {
    const big = f32(Infinity, -Infinity, 1);
    expect(told(big.mul(2))).toEqual([Infinity, -Infinity, 2]);
    expect(told(big.mul(0))).toEqual([Number.NaN, Number.NaN, 0]);
    expect(told(sum(big))).toEqual([Number.NaN]);
    expect(told(exp(big))).toEqual([Infinity, 0, Math.E]);
  });
  test("spreads to what follows, and no further", () => {
    const y = select(x.lt(1), 5, 7);
    expect(told(y.add(1))).toEqual(["?", 8, 6]);
    expect(told(sum(y))).toEqual(["?"]);
  });
});

describe("evaluate", () => {
  test("takes the state after a step, with its error, in whatever order of axes", () => {
    const b = axis("b", 2);
    const w = input("w", [a, b]);
    const start = Float32Array.from({ length: 8 }, (_, i) => i / 10);
    const step = w.mul(tensor([0.3, 0.7], [b])).add(0);
    const turned = tensor([1, 1], [b]).mul(step);
    expect(turned.axes).toEqual([b, a]);
    const [after] = evaluate([turned], new Map([["w", start]]));
    const [again] = evaluate([w], new Map([["w", after]]));
    expect(again.axes).toEqual([a, b]);
    expect(again.values[1]).toBeCloseTo(0.07, 6);
    expect(again.values[2]).toBeCloseTo(0.06, 6);
    expect(again.error[1]).toBe(after.error[4]);
  });
  test("gives each root, in order, also a root inside another", () => {
    const y = f32(1, 2);
    const z = y.add(1);
    expect(evaluate([z, y, z], new Map()).map((e) => [...e.values])).toEqual([
      [2, 3],
      [1, 2],
      [2, 3],
    ]);
  });
  test("says which input it lacks", () => {
    expect(() => evaluate([input("w")], new Map())).toThrow("no values are given for input 'w'");
    expect(() => evaluate([input("w")], new Map([["w", Float32Array.of(1, 2)]]))).toThrow(
      "input{} float32: 2 values are given",
    );
  });
  test("judges derivatives of max", () => {
    const x = input("x", [a]);
    const [g] = grad(max(x.mul(0.1)), [x]);
    const [found] = evaluate([g], new Map([["x", Float32Array.of(1, 3, 2, -1)]]));
    expect([...found.unsure]).toEqual([0, 0, 0, 0]);
    expect([...found.values]).toEqual([0, Math.fround(0.1), 0, 0]);
  });
});
