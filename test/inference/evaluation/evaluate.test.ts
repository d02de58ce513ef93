import { expect, test } from "vitest";
import { evaluation } from "../../../src/inference/index.ts";
import { paramStore } from "../../../src/model/index.ts";
import { key } from "../../../src/tensor/index.ts";
import { FIVE_SIGMA } from "../../distributions/values.ts";
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
} from "../gaussians.ts";
import { type State, steps } from "../programs.ts";

const program = (guide: typeof localPosterior, chunk: number, seed = 1) =>
  evaluation({
    model: localMeans,
    guide,
    data: all,
    key: key(seed),
    parameters: paramStore(),
    plate: datum,
    chunk,
  });

/** What the inputs hold before the first call. */
function start({ restart }: ReturnType<typeof program>): State {
  const state: State = new Map();
  restart({
    write(name, value) {
      state.set(name, typeof value === "number" ? Int32Array.of(value) : (value as Float64Array));
    },
  });
  return state;
}

const rough = localGuide(f64(0.3), 0.9);

/**
 * With z = m + sd e under q = normal(m, sd), the log weight of datum x is c + a e^2 + b e: its mean
 * (the ELBO), its standard deviation, and the standard deviation of weight / evidence.
 */
function known(xi: number) {
  const [m, sd] = [0.3 * xi, 0.9];
  const a = 0.5 - (sd * sd * (1 + 1 / (S * S))) / 2;
  const b = sd * ((xi - m) / (S * S) - m);
  const c =
    Math.log(sd) - 0.5 * Math.log(2 * Math.PI * S * S) - (m * m) / 2 - (xi - m) ** 2 / (2 * S * S);
  /** log E[w^n], for standard normal e. */
  const logMoment = (n: number) =>
    n * c - 0.5 * Math.log(1 - 2 * n * a) + (n * b) ** 2 / (2 * (1 - 2 * n * a));
  return {
    elbo: c + a,
    sd: Math.sqrt(2 * a * a + b * b),
    evidence: logMoment(1),
    relative: Math.sqrt(Math.exp(logMoment(2) - 2 * logMoment(1)) - 1),
  };
}

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
    const { elbo, sd, evidence, relative } = known(xi);
    const tolerance = FIVE_SIGMA / Math.sqrt(5000);
    expect(evidence).toBeCloseTo(localEvidence[i], 12);
    expect(Math.abs(last.elbo[i] - elbo)).toBeLessThan(tolerance * sd);
    expect(Math.abs(last.logLikelihood[i] - evidence)).toBeLessThan(tolerance * relative);
  });
});

test("the state is all that is carried: a reset starts over, another key has other draws", () => {
  const chunked = program(rough, 2);
  const first = steps(chunked, start(chunked), 3);
  expect(steps(chunked, start(chunked), 3)).toEqual(first);
  const other = program(rough, 2, 2);
  expect(steps(other, start(other), 3)).not.toEqual(first);
});

test("the running log likelihood is that of the mean weight over all draws so far", () => {
  // Chunks of one: the running ELBO gives each draw's log weight back.
  const single = program(rough, 1);
  let total = 0;
  let weights = 0;
  steps(single, start(single), 6).forEach(({ elbo, logLikelihood }, n) => {
    const logWeight = elbo[0] * (n + 1) - total;
    total += logWeight;
    weights += Math.exp(logWeight);
    expect(logLikelihood[0]).toBeCloseTo(Math.log(weights / (n + 1)), 10);
  });
});
