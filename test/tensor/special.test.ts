/** Special functions made of operations, against 40 digits. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/compiler/oracle/index.ts";
import { compile } from "../../src/runtime/index.ts";
import * as surmise from "../../src/tensor/internal.ts";
import {
  axis,
  cast,
  constant,
  type DType,
  grad,
  input,
  log,
  square,
  sum,
  type Tensor,
  tensor,
  withDerivatives,
} from "../../src/tensor/internal.ts";

type Points = readonly (readonly number[])[];
const file = new URL("reference/special.json", import.meta.url);
const { about: _, ...reference } = JSON.parse(readFileSync(file, "utf8"));

/** What the approximation itself may be off by, relative to the value, beyond rounding. */
const TOLERANCE: Readonly<Record<string, number>> = {
  atan: 3e-16,
  log1mExp: 0,
  expm1Quotient: 0,
  log1pSquare: 0,
  logSigmoid: 0,
  millsRatio: 1e-15,
  normalCdf: 1e-15,
  logNormalCdf: 1e-15,
  normalQuantileOfLog: 3e-11,
  logRising: 1e-16,
  logBeta: 1e-16,
  logChoose: 1e-16,
  gammaProbability: 1e-11,
  gammaQuantileSlope: 5e-10,
  betaProbability: 1e-11,
  logBesselI0Scaled: 1e-14,
  circularVariance: 1e-14,
  vonMisesProbability: 2e-12,
  vonMisesQuantileSlope: 1e-13,
};

const FUNCTIONS: Readonly<Record<string, (...x: Tensor[]) => Tensor>> = {
  ...(surmise as unknown as Record<string, (...x: Tensor[]) => Tensor>),
  gammaProbability: (a, x) => surmise.gammaProbabilities(a, x).below,
  gammaQuantileSlope: (a, x) => surmise.gammaQuantileSlope(a, x, log(x)),
};

/** The function over all points, its arguments rounded to `rounded`, computed in `dtype`. */
function over(name: string, points: Points, rounded: DType, dtype = rounded): Tensor {
  const point = axis("point", points.length);
  const argument = (k: number) =>
    cast(
      tensor(
        points.map((p) => p[k]),
        [point],
        rounded,
      ),
      dtype,
    );
  return FUNCTIONS[name](...points[0].slice(0, -1).map((_, k) => argument(k)));
}

const run = (y: Tensor) =>
  compile({ outputs: { y } }, { backend: "wasm", threads: 1, steps: 1 }).run().y.data;

describe.each(Object.entries(reference) as [string, Points][])("%s", (name, points) => {
  test("is mpmath's, within the bound on rounding and the error stated", () => {
    const y = over(name, points, "float64");
    const [{ error, unsure }] = evaluate([y], new Map());
    const found = run(y);
    points.forEach((point, i) => {
      const expected = point[point.length - 1];
      expect(unsure[i], `at ${point}`).toBe(0);
      const allowed = error[i] + TOLERANCE[name] * Math.abs(expected);
      expect(Math.abs(found[i] - expected), `at ${point}`).toBeLessThanOrEqual(allowed);
      expect(error[i], `at ${point}`).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)));
    });
  });
});

test("every function has a stated error and the other way round", () => {
  expect(Object.keys(TOLERANCE)).toEqual(Object.keys(reference));
});

test("derivatives that are told are those that are found, and only these", () => {
  const [x, y] = [input("x", [], "float64"), input("y", [], "float64")];
  const told = withDerivatives(square(x).mul(y), [[x, constant(7, "float64")]]);
  const [byX, byY] = grad(sum(told), [x, y]);
  const inputs = new Map([
    ["x", Float64Array.of(3)],
    ["y", Float64Array.of(5)],
  ]);
  const found = evaluate([told, byX, byY], inputs).map(({ values }) => values[0]);
  expect(found).toEqual([45, 7, 0]);
});

describe.each(Object.entries(reference) as [string, Points][])("%s in float32", (name, points) => {
  test("is the function of the rounded arguments, within the bound on rounding", () => {
    const usual = points.filter((p) => p.every((x) => Math.abs(x) < 1e6));
    const y = over(name, usual, "float32");
    const [narrow] = evaluate([y], new Map());
    const found = run(y);
    const wide = run(over(name, usual, "float32", "float64"));
    found.forEach((value, i) => {
      const allowed = narrow.error[i] + 1e-4 * Math.abs(wide[i]);
      expect(Math.abs(value - wide[i]), `at ${usual[i]}`).toBeLessThanOrEqual(allowed);
    });
  });
});
