/** Ascents that begin far out, and in units that have nothing to do with one another. */
import { describe, expect, test } from "vitest";
import { ascent, type ScaledDensity } from "../../../../src/inference/density/modes/lbfgs.ts";

/** A density of its value and gradient. */
function densityOf(
  dimension: number,
  value: (x: Float64Array) => number,
  slope: (x: Float64Array) => number[],
): ScaledDensity {
  return {
    dimension,
    at: (position) => ({
      position,
      value: value(position),
      gradient: Float64Array.from(slope(position)),
    }),
    hessian: () => new Float64Array(dimension ** 2),
    unscaled: (position) => position,
  };
}

const pathFrom = (density: ScaledDensity, ...start: number[]) => [
  ...ascent(density, density.at(Float64Array.from(start))),
];

describe("an ascent comes to the mode", () => {
  test("of ten numbers in units from 1 to 1e-6, in a hundred iterations", () => {
    const n = 10;
    const precision = Float64Array.from({ length: n }, (_, i) => 10 ** ((12 * i) / (n - 1)));
    const path = pathFrom(
      densityOf(
        n,
        (x) => x.reduce((sum, each, i) => sum - precision[i] * each ** 2, 0) / 2,
        (x) => [...x].map((each, i) => -precision[i] * each),
      ),
      ...new Array(n).fill(1),
    );
    expect(path.length).toBeLessThan(100);
    // In standard deviations.
    for (const [i, x] of (path.at(-1)?.position ?? []).entries()) {
      expect(Math.abs(x) * Math.sqrt(precision[i])).toBeLessThan(1e-2);
    }
  });

  test("of a count by a covariate of 500, where the square of the slope overflows", () => {
    // count 3, rate exp(a + 500 b), a ~ N(0, 1), b ~ N(0, 1): at the mode b = 500 a.
    const rate = ([a, b]: Float64Array) => Math.exp(a + 500 * b);
    const path = pathFrom(
      densityOf(
        2,
        (x) => 3 * (x[0] + 500 * x[1]) - rate(x) - (x[0] ** 2 + x[1] ** 2) / 2,
        (x) => [3 - rate(x) - x[0], 500 * (3 - rate(x)) - x[1]],
      ),
      0.5,
      0.9,
    );
    const [a, b] = path.at(-1)?.position ?? [];
    expect(path.length).toBeLessThan(100);
    expect(Math.abs(a + 500 * b - Math.log(3))).toBeLessThan(1e-4);
    expect(Math.abs(b - 500 * a)).toBeLessThan(1e-4);
  });
});
