import { expect, test } from "vitest";
import { evaluation } from "../../src/inference/index.ts";
import { parameters } from "../../src/model/index.ts";
import { key } from "../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError } from "../distributions/values.ts";
import {
  all,
  datum,
  f64,
  localEvidence,
  localGuide,
  localMeans,
  localPosterior,
  S,
  X,
} from "./gaussians.ts";
import { start, steps } from "./programs.ts";

const program = (guide: typeof localPosterior, chunk: number, seed = 1) =>
  evaluation({
    model: localMeans,
    guide,
    data: all,
    key: key(seed),
    parameters: parameters(),
    plate: datum,
    chunk,
  });

const rough = localGuide(f64(0.3), 0.9);

/** The ELBO of datum i with q = normal(0.3 x, 0.9). */
const elbo = (xi: number) => {
  const [m, v] = [0.3 * xi, 0.81];
  const likelihood = -0.5 * Math.log(2 * Math.PI * S * S) - ((xi - m) ** 2 + v) / (2 * S * S);
  return likelihood - 0.5 * (v + m * m - 1 - Math.log(v));
};

test("with the posterior as guide, both are the log evidence of each datum after any call", () => {
  const exact = program(localPosterior, 3);
  for (const { elbo, logLikelihood } of steps(exact, start(exact), 3)) {
    localEvidence.forEach((expected, i) => {
      expect(elbo[i]).toBeCloseTo(expected, 11);
      expect(logLikelihood[i]).toBeCloseTo(expected, 11);
    });
  }
});

test("5000 particles in 50 calls come to the ELBO and the log evidence, within their errors", () => {
  const chunked = program(rough, 100);
  const state = start(chunked);
  const last = steps(chunked, state, 50)[49];
  expect(state.get("#chunk")).toEqual(Int32Array.of(50));
  X.forEach((xi, i) => {
    // The weight's relative variance is below 0.3 and the log weight's sd below 0.6 (measured below).
    expect(Math.abs(last.elbo[i] - elbo(xi))).toBeLessThan((FIVE_SIGMA * 0.6) / Math.sqrt(5000));
    expect(Math.abs(last.logLikelihood[i] - localEvidence[i])).toBeLessThan(
      FIVE_SIGMA * Math.sqrt(0.3 / 5000),
    );
  });
});

test("the spread of single draws is what the tolerances above take it to be", () => {
  const single = program(rough, 1);
  const draws = steps(single, start(single), 400);
  for (let i = 0; i < X.length; i++) {
    const sums = draws.map(({ elbo }, n) => elbo[i] * (n + 1));
    const logWeights = sums.map((s, n) => s - (n === 0 ? 0 : sums[n - 1]));
    const sd = (xs: number[]) => meanAndError(xs).error * Math.sqrt(xs.length);
    expect(sd(logWeights)).toBeLessThan(0.6);
    expect(sd(logWeights.map((w) => Math.exp(w - localEvidence[i]))) ** 2).toBeLessThan(0.3);
  }
});

test("calls are chunks of one stream: 1 x 6 draws, and 6 calls that each have their own", () => {
  const chunked = program(rough, 2);
  const state = start(chunked);
  const path = steps(chunked, state, 3);
  const first = path.map(({ logLikelihood }) => logLikelihood[0]);
  expect(new Set(first).size).toBe(3);
  // The running values are those of the mean weight over all draws so far.
  const weightSums = first.map((l, n) => Math.exp(l) * 2 * (n + 1));
  expect(weightSums[1]).toBeGreaterThan(weightSums[0]);
  expect(weightSums[2]).toBeGreaterThan(weightSums[1]);
  const again = steps(chunked, start(chunked), 3).map(({ logLikelihood }) => logLikelihood[0]);
  expect(again).toEqual(first);
});
