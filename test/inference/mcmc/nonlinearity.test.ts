/** How far from normal a density is, by its gradients: against closed forms. */
import { describe, expect, test } from "vitest";
import { nonlinearity } from "../../../src/inference/mcmc/metrics/nonlinearity.ts";
import { ChainRandom } from "../../../src/inference/mcmc/random.ts";

describe("the nonlinearity of gradients", () => {
  const [n, size] = [4000, 2];
  const random = new ChainRandom(7, 0);
  random.seek(0);
  const numbers = new Float64Array(n * size);
  random.normals(numbers);
  const x = Array.from({ length: n }, (_, i) => [...numbers.subarray(i * size, (i + 1) * size)]);
  const centred = (rows: readonly (readonly number[])[]) => {
    const means = [0, 1].map((k) => rows.reduce((total, row) => total + row[k], 0) / n);
    return Float64Array.from(rows.flatMap((row) => row.map((value, k) => value - means[k])));
  };

  test("is none of a normal, whatever its covariance", () => {
    const [a, b, c] = [1e4, 99, 1];
    const gradients = x.map(([u, v]) => [-a * u - b * v, -b * u - c * v]);
    const metric = Float64Array.of(1 / a, 0, 0, 1 / c);
    expect(nonlinearity(centred(x), centred(gradients), metric, size)).toBeLessThan(1e-9);
  });

  test("is the share of the variance that a line leaves over", () => {
    // -x - x^3 has the variance 1 + 2 * 3 + 15 for a standard normal x, and the slope -1 - 3: 22 - 16 are left of 22 + 1.
    const gradients = x.map(([u, v]) => [-u - u ** 3, -v]);
    const share = nonlinearity(centred(x), centred(gradients), Float64Array.of(1, 0, 0, 1), size);
    expect(share).toBeCloseTo(6 / 23, 1);
  });

  test("is not told where there are too few draws", () => {
    const rows = Float64Array.of(1, 2, -1, -2);
    expect(nonlinearity(rows, rows, Float64Array.of(1, 0, 0, 1), size)).toBe(0);
  });
});
