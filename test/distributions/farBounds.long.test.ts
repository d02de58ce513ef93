/** Distributions cut by bounds that are far away: draws and densities, in both types. */
import { expect, test } from "vitest";
import {
  cauchy,
  type Distribution,
  logistic,
  normal,
  poisson,
  studentT,
  truncated,
} from "../../src/distributions/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, constant, input, key, type Precision } from "../../src/tensor/index.ts";

const draw = axis("draw", 2000);
const types = ["float32", "float64"] as const;

/** Draws in order. */
function drawsOf(distribution: Distribution, dtype: Precision): number[] {
  const outputs = { x: distribution.sample(key(1), [draw]) };
  return [...compile({ outputs }, { steps: 1, backend: "wasm", dtype }).run().x.data].sort(
    (a, b) => a - b,
  );
}

/** The largest distance of the empirical distribution function from another one. */
function distanceFrom(x: readonly number[], cdf: (x: number) => number): number {
  return Math.max(...x.map((each, i) => Math.abs(cdf(each) - (i + 0.5) / x.length)));
}

const logisticCdf = (x: number) => 1 / (1 + Math.exp(-x));
const cauchyCdf = (x: number) => 0.5 + Math.atan(x) / Math.PI;
/** Of Kolmogorov and Smirnov, at a level of 1e-5. */
const FAR = 2.5 / Math.sqrt(draw.size);

test.each([
  ["logistic", logistic(0, 1), logisticCdf],
  ["cauchy", cauchy(0, 1), cauchyCdf],
  ["studentT", studentT(1, 0, 1), cauchyCdf],
] as const)("%s: a bound far below or above changes no draw by much", (_, whole, cdf) => {
  for (const dtype of types) {
    for (const end of dtype === "float32" ? [1e30] : [1e30, 1e300]) {
      for (const bounds of [{ lower: -end }, { upper: end }, { lower: -end, upper: end }]) {
        expect(distanceFrom(drawsOf(truncated(whole, bounds), dtype), cdf)).toBeLessThan(FAR);
      }
    }
  }
});

test.each(types)("draws lie on the scale of what is cut, %s", (dtype) => {
  for (const scale of [1e-30, 1e30]) {
    const cut = truncated(logistic(0, scale), { lower: 0 });
    const cdf = (x: number) => 2 * logisticCdf(x / scale) - 1;
    expect(distanceFrom(drawsOf(cut, dtype), cdf)).toBeLessThan(FAR);
  }
  const counts = drawsOf(truncated(poisson(1e12), { lower: 1 }), dtype);
  const [low, high] = [counts[100], counts[1899]].map((x) => (x - 1e12) / 1e6);
  // The quantiles at 5 and 95 per cent.
  expect(Math.abs(low + 1.645)).toBeLessThan(0.2);
  expect(Math.abs(high - 1.645)).toBeLessThan(0.2);
});

/** log p(x) and its derivative by the location are those of an exponential tail: 1 / |z| is its scale. */
test.each(types)("a normal far out in its own tail, %s", (dtype) => {
  const x = input("x", []);
  for (const bound of [1e10, 1e30]) {
    const cut = truncated(normal(0, 1), { lower: bound });
    const outputs = { p: cut.logProb(x) };
    const program = compile({ outputs }, { steps: 1, backend: "wasm", dtype });
    const p = program.run({ inputs: { x: [bound] } }).p.data[0];
    expect(Math.abs(p / Math.log(bound) - 1)).toBeLessThan(2e-7);
  }
});

test("the ends of the numbers are those of the type that is computed in", () => {
  const wide = truncated(logistic(constant(0), constant(1)), { lower: 1e250 });
  expect(drawsOf(wide, "float64")[0]).toBeGreaterThanOrEqual(1e250);
});
