/** The numbers that people give to inference are checked as those of the command line are. */
import { describe, expect, test } from "vitest";
import {
  average,
  essQuantile,
  evaluation,
  fit as fitted,
  fullCovariance,
  global,
  local,
  logDensity,
  logLikelihood,
  looPit,
  lowRank,
  massivelyParallel,
  meanField,
  moveByHmc,
  observationsOf,
  paretoK,
  pointwise,
  posteriorCheck,
  posteriorPredictive,
  rHat,
  samplePosterior,
  sleep,
  summarise,
  training,
} from "../../src/inference/internal.ts";
import { paramStore } from "../../src/model/index.ts";
import { constantInit, normalInit } from "../../src/nn/index.ts";
import { adam } from "../../src/optim/index.ts";
import { constant, key, SurmiseError } from "../../src/tensor/index.ts";
import { datum, f64, oneMean, oneMeanGuide, x } from "./gaussians.ts";

const guide = oneMeanGuide(f64(0), 1);
const pair = { model: oneMean, guide, data: { x, datum } };
const store = paramStore();
const objective = () => ({ bound: constant(0), sites: {} });
const given = { ...pair, parameters: store, key: key(0) };
const known = { model: oneMean, data: { x, datum } };
const trained = fitted({ ...known, steps: 1 });
const hmc = (options: object) =>
  moveByHmc(
    { position: [f64(0)], stepSize: f64(0.1), elements: [] },
    ([z]) => z.mul(z).neg(),
    key(0),
    options,
  );

/** What no count may be. */
const NO_COUNTS = [Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, "3", null, 2 ** 53] as const;

const counts: readonly [string, (n: number) => unknown][] = [
  ["fit: steps", (steps) => fitted({ ...known, optimiser: adam(0.1), steps })],
  ["fit: records", (records) => fitted({ ...known, optimiser: adam(0.1), steps: 1, records })],
  ["the seed", (seed) => fitted({ ...known, optimiser: adam(0.1), steps: 1, seed })],
  ["the seed", (seed) => training({ objective, parameters: store, optimiser: adam(0.1), seed })],
  ["samplePosterior: draws", (draws) => samplePosterior(trained, { draws })],
  ["the seed", (seed) => samplePosterior(trained, { draws: 1, seed })],
  ["evaluation: chunk", (chunk) => evaluation({ ...given, plate: datum, chunk })],
  ["sleep: dreams", (dreams) => sleep({ ...given, dreamt: (data) => data, dreams })],
  ["particles.global: the number of particles", (k) => global(k)],
  ["particles.local: the number of particles", (k) => local(k)],
  ["particles.massivelyParallel: the number of particles", (k) => massivelyParallel(k)],
  ["particles.average: the number of particles", (k) => average(k)],
  ["lowRank: rank", (rank) => lowRank({ rank })],
  ["rHat: chains", (chains) => rHat({ values: [1, 2, 3, 4], chains })],
  ["summarise: draws", (draws) => summarise({ draws, sites: {} })],
  ["hmc: iterations", (iterations) => hmc({ iterations })],
  ["hmc: leapfrogs", (leapfrogs) => hmc({ leapfrogs })],
  ["hmc: adapting", (adapting) => hmc({ adapting })],
];

describe.each(counts)("%s", (what, give) => {
  test.each(NO_COUNTS)("is not %o", (n) => {
    expect(() => give(n as number)).toThrow(SurmiseError);
    expect(() => give(n as number)).toThrow(`${what} must be a whole number`);
  });
});

const reals: readonly [string, (x: number) => unknown][] = [
  [
    "training: scale",
    (scale) => training({ objective, parameters: store, optimiser: adam(0.1), seed: 0, scale }),
  ],
  ["sd of a guide", (sd) => meanField({ sd })],
  ["sd of a guide", (sd) => lowRank({ sd })],
  ["sd of a guide", (sd) => fullCovariance({ sd })],
  ["hmc: targetAccept", (targetAccept) => hmc({ targetAccept })],
  ["hmc: adaptation", (adaptation) => hmc({ adaptation })],
  ["paretoK: relativeEfficiency", (share) => paretoK([1, 2], share)],
  ["essQuantile: p", (p) => essQuantile({ values: [1, 2, 3, 4], chains: 1 }, p)],
  ["normalInit: sd", (sd) => normalInit(sd)],
  ["constantInit: the value", (value) => constantInit(value)],
];

describe.each(reals)("%s", (what, give) => {
  test.each([Number.NaN, Number.NEGATIVE_INFINITY, "3", null])("is not %o", (n) => {
    expect(() => give(n as number)).toThrow(SurmiseError);
    expect(() => give(n as number)).toThrow(`${what} must be a`);
  });
});

const words: readonly [string, (word: never) => unknown][] = [
  ["fit: method", (method) => fitted({ ...known, method })],
  ["bound: options.gradient", (gradient) => fitted({ ...known, gradient })],
  ["bound: options.kl", (kl) => fitted({ ...known, kl })],
  ["bound: options.chains", (chains) => fitted({ ...known, chains })],
  ["fit: options.dtype", (dtype) => fitted({ ...known, dtype })],
  ["compile: options.backend", (backend) => fitted({ ...known, backend })],
  ["logDensity: options.dtype", (dtype) => logDensity(oneMean, { x, datum }, { dtype })],
  ["logDensity: options.layout", (layout) => logDensity(oneMean, { x, datum }, { layout })],
];

describe.each(words)("%s", (what, give) => {
  test.each(["nothing", "constructor", 3])("is not %o", (word) => {
    expect(() => give(word as never)).toThrow(SurmiseError);
    expect(() => give(word as never)).toThrow(`${what} must be one of `);
  });
});

test("what belongs to another model, or other draws, is told", () => {
  const { data } = known;
  const draws = samplePosterior(trained, { draws: 4 });
  const predictive = posteriorPredictive(oneMean, data, draws);
  const likelihood = logLikelihood(oneMean, data, draws);
  const observations = observationsOf(oneMean, data);
  const none = /^(pointwise|looPit|posteriorCheck): there are no observations of 'x'/;
  expect(() => pointwise(likelihood, {})).toThrow(none);
  expect(() => looPit(predictive, likelihood, {})).toThrow(none);
  expect(() => posteriorCheck(predictive, {})).toThrow(none);
  const other = /'x' has \d+ numbers, where by its axes and the number of draws there would be/;
  const empty = { ...likelihood, sites: {} };
  expect(() => looPit(predictive, empty, observations)).toThrow(other);
  expect(() => posteriorCheck({ ...predictive, draws: 3 }, observations)).toThrow(other);
  expect(() => pointwise({ ...likelihood, draws: 3 }, observations)).toThrow(other);
  expect(() => summarise({ ...draws, draws: 3 })).toThrow(/^summarise: 'z' has 4 numbers/);
  expect(() => rHat({ values: [1, 2, 3, 4], chains: 3 })).toThrow(
    "rHat: 4 draws are not those of 3 chains of one length",
  );
});

test("what is no position is told by a log density", () => {
  const density = logDensity(oneMean, { x, datum });
  const nothing = undefined as never;
  for (const call of [
    () => density.value(nothing),
    () => density.gradient(nothing),
    () => density.constrain(nothing),
    () => density.unconstrain(nothing),
    () => density.at(nothing),
    () => density.setParameters(nothing),
  ]) {
    expect(call).toThrow(SurmiseError);
  }
});

test("callbacks that return nothing are told", () => {
  const nothing = { objective: () => undefined as never, parameters: store, seed: 0 };
  expect(() => training({ ...nothing, optimiser: adam(0.1) })).toThrow(
    "training: objective() must be an object, not undefined",
  );
  expect(() => fitted({ ...known, particles: "3" as never })).toThrow("fit: options.particles");
});

test("a sampler is no method of fit, which says where it is one", () => {
  expect(() => fitted({ ...known, method: "nuts" as "vi" })).toThrow(
    "fit: method 'nuts' draws by Markov chains: call sample(model, data, { method: 'nuts' })",
  );
  expect(() => fitted({ ...known, method: "ais" as "vi" })).toThrow(
    "fit: method 'ais' anneals: call anneal(model, data)",
  );
});
