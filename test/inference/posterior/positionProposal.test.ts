/** Importance sampling of positions, whose proposal takes the moments of its weighted draws. */
import { expect, test } from "vitest";
import { bernoulli, gamma, normal } from "../../../src/distributions/index.ts";
import { normalNoise } from "../../../src/inference/guides/noise/fixedNoise.ts";
import { heavyTails } from "../../../src/inference/guides/noise/heavyTails.ts";
import { logDensity } from "../../../src/inference/index.ts";
import {
  adapted,
  momentsOf,
  positionRatios,
  weightedPositions,
} from "../../../src/inference/posterior/positionProposal.ts";
import { paretoK } from "../../../src/inference/statistics/psis.ts";
import { model } from "../../../src/model/index.ts";

/** The logarithm of a gamma(3, 4) number has the mean psi(3) - log 4 and the variance psi'(3). */
const [MEAN, SD] = [0.9227843351 - Math.log(4), Math.sqrt(0.3949340668)];

const density = logDensity(
  model(({ sample }) => {
    sample("rate", gamma(3, 4));
    sample("z", normal(1, 2));
  }),
  undefined,
  { dtype: "float64" },
);
const beside = {
  centre: Float64Array.of(MEAN + 1, 3),
  factor: Float64Array.of(0.5, 0, 0, 3),
  noise: heavyTails,
};

test("the moments of positions, with weights and without", () => {
  const positions = [Float64Array.of(0, 1), Float64Array.of(2, 1), Float64Array.of(1, 4)];
  const plain = momentsOf(positions);
  expect(plain?.centre).toEqual(Float64Array.of(1, 2));
  // Variances 2/3 and 2, covariance 0.
  expect(plain?.factor[0]).toBeCloseTo(Math.sqrt(2 / 3), 12);
  expect(plain?.factor[2]).toBeCloseTo(0, 12);
  expect(plain?.factor[3]).toBeCloseTo(Math.SQRT2, 12);
  expect(momentsOf(positions, Float64Array.of(0.5, 0.25, 0.25))?.centre[0]).toBeCloseTo(0.75, 12);
  expect(momentsOf(positions.slice(0, 2))).toBeUndefined();
  expect(momentsOf([])).toBeUndefined();
});

test("a proposal beside the posterior comes to its moments", () => {
  const { centre, factor } = adapted(density, beside, 1);
  // Of the 10,000 draws of a round far more than a tenth count.
  const noise = 4 / Math.sqrt(1000);
  expect(Math.abs(centre[0] - MEAN)).toBeLessThan(noise * SD);
  expect(Math.abs(Math.log(factor[0] / SD))).toBeLessThan(noise);
  expect(Math.abs(centre[1] - 1)).toBeLessThan(noise * 2);
  expect(Math.abs(Math.log(factor[3] / 2))).toBeLessThan(noise);
});

test("the mean of the ratios is the evidence, 1, whatever the noise, and their tail is that of the noise", () => {
  const { centre, factor } = adapted(density, beside, 1);
  for (const noise of [normalNoise, heavyTails]) {
    const { logRatios } = positionRatios(density, { centre, factor, noise }, 4000, 3);
    const ratios = logRatios.map(Math.exp);
    const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length;
    const squares = ratios.reduce((total, x) => total + (x - mean) ** 2, 0) / ratios.length;
    expect(Math.abs(mean - 1)).toBeLessThan(5 * Math.sqrt(squares / ratios.length));
    if (noise === heavyTails) expect(paretoK(logRatios)).toBeLessThan(0.5);
  }
});

test("without numbers there is nothing to draw: every ratio is the density", () => {
  const discrete = logDensity(
    model(({ sample }) => {
      sample("b", bernoulli({ probs: 0.3 }));
    }),
    undefined,
    { dtype: "float64" },
  );
  expect(discrete.dimension).toBe(0);
  const nothing = { centre: new Float64Array(0), factor: new Float64Array(0) };
  for (const noise of [normalNoise, heavyTails]) {
    const { logRatios } = positionRatios(discrete, { ...nothing, noise }, 3, 1);
    for (const ratio of logRatios) expect(ratio).toBeCloseTo(0, 12);
  }
});

test("weighted positions have the moments of the posterior, from whatever proposal", () => {
  const [draws, shown] = [4000, 10];
  const options = { draws, seed: 2, ofSet: 400, shown };
  const found = weightedPositions(density, beside, options);
  const values = Array.from({ length: draws }, (_, d) => found[2 * d]);
  const mean = values.reduce((a, b) => a + b, 0) / draws;
  const sd = Math.sqrt(values.reduce((total, x) => total + (x - mean) ** 2, 0) / draws);
  // Sets of 400 that are worth 30 or more have a bias of about 1/30.
  expect(Math.abs(mean - MEAN)).toBeLessThan(0.1 * SD);
  expect(Math.abs(Math.log(sd / SD))).toBeLessThan(0.1);
});
