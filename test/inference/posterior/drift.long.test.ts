/** Fits whose weights do not see a part of the posterior: short chains do. */
import { expect, test } from "vitest";
import { fit, reliabilityWarnings, samplePosterior } from "../../../src/inference/index.ts";
import { SERIES } from "../../methods/series.ts";

test("iwae on stochastic volatility, where it is 0.7 standard deviations off, is warned of", async () => {
  const { model, data } = await SERIES["stochastic volatility"].load();
  const { reliability = {} } = samplePosterior(
    fit({ model, data: data as never, method: "iwae", dtype: "float64" }),
  );
  const { kHat = 1, threshold = 0, drifted } = reliability;
  expect(kHat).toBeLessThan(threshold);
  expect(drifted?.name).toBe("step");
  expect(reliabilityWarnings(reliability)).toHaveLength(1);
});
