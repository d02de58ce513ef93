/** Noise with heavy tails: its density is that of its draws, and weights of skewed posteriors are even by it. */
import { expect, test } from "vitest";
import { heavyTails } from "../../../../src/inference/guides/noise/heavyTails.ts";
import type { NoiseSpace } from "../../../../src/inference/guides/noise/sharedNoise.ts";
import { fit, reliabilityWarnings, samplePosterior } from "../../../../src/inference/index.ts";
import { axis, HALF_LOG_2PI, key, square, sum } from "../../../../src/tensor/internal.ts";
import { valuesOf } from "../../../distributions/values.ts";
import { CLOSED_FORMS } from "../../../methods/closedForms.ts";

const draw = axis("draw", 40_000);

test.each([1, 3, 20])("its density in %s dimensions is that of its draws", (size) => {
  const number = axis("number", size);
  const { draw: drawn, logProb } = heavyTails({ number, dtype: "float64" } as NoiseSpace);
  const noise = drawn(key(3), [draw]);
  const normal = sum(square(noise).mul(-0.5).sub(HALF_LOG_2PI), number);
  const [squares, ratios] = valuesOf([sum(square(noise), number), normal.sub(logProb(noise))]);
  const weights = ratios.map(Math.exp);
  expect(Math.max(...weights)).toBeLessThanOrEqual(4 / 3 + 1e-9);
  const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / draw.size;
  // Of weights to the normal the mean is 1, and that of the squared length, so weighted, its dimension.
  expect(Math.abs(mean(weights) - 1)).toBeLessThan(4 / Math.sqrt(draw.size));
  const lengths = weights.map((w, d) => w * squares[d]);
  expect(Math.abs(mean(lengths) / size - 1)).toBeLessThan((4 * 2) / Math.sqrt(draw.size));
});

test.each(["near 0", "at an edge"])(
  "vi has the moments of a posterior %s, without a warning",
  async (name) => {
    const { load, moments = {} } = CLOSED_FORMS[name];
    const { model } = await load();
    const trained = fit({ model, data: undefined as never, method: "vi", dtype: "float64" });
    const { sites, reliability = {} } = samplePosterior(trained, { draws: 4000 });
    const [[site, [mean, sd]]] = Object.entries(moments);
    const values = Array.from(sites[site].data, Number);
    const found = values.reduce((a, b) => a + b) / values.length;
    const spread = Math.sqrt(values.reduce((a, x) => a + (x - found) ** 2, 0) / values.length);
    expect(Math.abs(found - mean) / sd).toBeLessThan(0.1);
    expect(Math.abs(spread / sd - 1)).toBeLessThan(0.1);
    expect(reliabilityWarnings(reliability)).toEqual([]);
  },
);
