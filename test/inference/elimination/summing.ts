/** Densities with discrete latents summed out, beside sums over all their values. */
import { expect } from "vitest";
import { logDensity } from "../../../src/inference/density/logDensity.ts";
import type { Model } from "../../../src/model/index.ts";

/** All lists of `length` numbers from 0 to `count` - 1. */
export function* lists(length: number, count: number): Iterable<readonly number[]> {
  for (let k = 0; k < count ** length; k++) {
    yield Array.from({ length }, (_, i) => Math.floor(k / count ** i) % count);
  }
}

/** The log density and its gradient at a position, held against `f` and its differences. */
export function expectDensity<Data>(
  p: Model<Data>,
  data: Data,
  at: number[],
  f: (x: number[]) => number,
) {
  const density = logDensity(p, data);
  const position = Float64Array.from(at);
  expect(density.dimension).toBe(at.length);
  const value = density.value(position);
  expect(Math.abs(value - f(at)), `${value} and ${f(at)}`).toBeLessThan(1e-10 * Math.abs(value));
  const gradient = density.gradient(position);
  at.forEach((_, i) => {
    const moved = (by: number) => f(at.map((x, j) => (i === j ? x + by : x)));
    const difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
    expect(Math.abs(gradient[i] - difference), `gradient ${i}`).toBeLessThan(
      1e-6 * Math.max(1, Math.abs(difference)),
    );
  });
  return density;
}

export const f64 = { dtype: "float64" } as const;
