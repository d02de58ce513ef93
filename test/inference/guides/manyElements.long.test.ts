/** Latents with more elements than have a covariance that is trained. */
import { expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { fit, reliabilityWarnings, samplePosterior } from "../../../src/inference/index.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, sum, tensor } from "../../../src/tensor/index.ts";

test("120 coefficients of 30 rows keep the correlations of the curvature at the mode", () => {
  const [row, coefficient] = [axis("row", 30), axis("coefficient", 120)];
  const x = Array.from({ length: 30 * 120 }, (_, at) => Math.sin(at * at + 0.3 * at));
  const y = Array.from({ length: 30 }, (_, r) => x[r * 120] - 2 * x[r * 120 + 1]);
  const model: Model<undefined> = ({ sample, observe, plate }) => {
    const weight = sample("weight", normal(0, 1).event(coefficient));
    const mean = sum(tensor(x, [row, coefficient]).mul(weight), coefficient);
    plate(row, () => observe("y", normal(mean, 0.5), tensor(y, [row])));
  };
  const draws = samplePosterior(fit({ model, data: undefined, dtype: "float64" }));
  const { reliability = {} } = draws;
  // The posterior is normal, and so is the guide.
  expect(reliability.efficiency).toBeGreaterThan(0.99);
  expect(reliabilityWarnings(reliability)).toEqual([]);
});
