/** Differences, by which derivatives of densities are checked. */
import { expect } from "vitest";

/** Numbers that look random, in [-1, 1]. */
export const scattered = (size: number, seed = 1) =>
  Float64Array.from({ length: size }, (_, i) => Math.sin(12.9 * (i + 1) + 4.1 * seed));

/** Central differences of a function, of a step h: the error is of order h^2. */
export function differences(
  f: (x: Float64Array) => number,
  at: Float64Array,
  h = 1e-5,
): Float64Array {
  return at.map((_, i) => {
    const moved = (by: number) => f(at.map((x, j) => (i === j ? x + by : x)));
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
) {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) {
    expect(Math.abs(found[i] - expected[i]), `element ${i}`).toBeLessThan(
      tolerance * Math.max(1, Math.abs(expected[i])),
    );
  }
}
