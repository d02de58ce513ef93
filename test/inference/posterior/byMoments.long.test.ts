/** Draws whose weights have a tail are made anew from a proposal with their moments. */
import { expect, test } from "vitest";
import { halfCauchy, normal } from "../../../src/distributions/index.ts";
import {
  fit,
  type MethodName,
  reliabilityWarnings,
  samplePosterior,
  summarise,
} from "../../../src/inference/index.ts";
import { average } from "../../../src/inference/proposal/particles.ts";
import { model } from "../../../src/model/index.ts";
import { axis, tensor } from "../../../src/tensor/index.ts";

const school = axis("school", 8);
const errors = tensor([15, 10, 16, 11, 9, 11, 10, 18], [school]);
const effects = tensor([28, 8, -3, 7, -1, 1, 18, 12], [school]);

/** Of the spread, by posteriordb. */
const [MEAN, SD] = [3.6, 3.21];

const centred = model(({ sample, observe, plate }) => {
  const mean = sample("mean", normal(0, 5));
  const spread = sample("spread", halfCauchy(5));
  plate(school, () =>
    observe("effect", normal(sample("z", normal(mean, spread)), errors), effects),
  );
});

test.each<MethodName>(["vi", "mp", "pathfinder"])("%s on the centred eight schools", (method) => {
  const fitted = fit({ model: centred, data: undefined, method, dtype: "float64" });
  const draws = samplePosterior(fitted);
  expect(reliabilityWarnings(draws.reliability ?? {})).toEqual([]);
  const spread = summarise(draws).find(({ site }) => site === "spread");
  const { mean = 0, sd = 0, ess = 0 } = spread ?? {};
  expect(Math.abs(mean - MEAN) / SD).toBeLessThan(0.1 + 3 / Math.sqrt(ess));
  expect(Math.abs(Math.log(sd / SD))).toBeLessThan(0.1 + 3 / Math.sqrt(ess));
});

test("draws that are asked to be weighed in a way of one's own stay as they are", () => {
  const fitted = fit({ model: centred, data: undefined, method: "mp", dtype: "float64" });
  const { reliability } = samplePosterior(fitted, { particles: average(1), draws: 100 });
  expect(reliability?.kHat).toBeGreaterThan(0.5);
});
