/** Options that a function has not are refused by name: a word that is misspelt says nothing otherwise. */
import { describe, expect, test } from "vitest";
import * as s from "../src/index.ts";

const [i, k] = [s.axis("i", 3), s.axis("k", 3)];
const x = s.tensor([1, 2, 3], [i]);
const model = s.model(({ sample, observe }) => {
  observe("y", s.normal(sample("z", s.normal(0, 1)), 1), s.constant(1));
});
const known = { model, data: undefined, method: "vi", steps: 1 } as const;
const trained = s.fit(known);
const program = s.compile({ outputs: { y: x } }, { backend: "wasm", steps: 1 });

const pair = { model, guide: model, data: undefined, key: s.key(1), parameters: s.paramStore() };
const dreaming = { ...pair, dreamt: (data: undefined) => data };
const toTrain = {
  objective: () => ({ bound: s.constant(0, "float64"), sites: {} }),
  ...{ parameters: s.paramStore(), optimiser: s.adam(0.1), seed: 0 },
};
const algorithm = s.training(toTrain);
const chain = { diverging: [0], depth: [1], energy: [1] };
const chained = { draws: 1, chains: 1, statistics: chain, sites: {} } as never;

type Options = Readonly<Record<string, unknown>>;
const WORDS: readonly [string, (options: Options) => unknown, string[]?][] = [
  ["fit", (o) => s.fit({ ...known, ...o }), ["step", "learningRate", "minibatch"]],
  ["samplePosterior", (o) => s.samplePosterior(trained, o), ["draw", "thin"]],
  ["logDensity", (o) => s.logDensity(model, undefined, o)],
  ["bound", (o) => s.bound({ ...pair, ...o }), ["particle", "gradients"]],
  ["posterior", (o) => s.posterior({ ...pair, particles: s.particles.global(2), ...o })],
  ["vcd", (o) => s.vcd({ ...pair, ...o }), ["leapfrog"]],
  ["hoffman", (o) => s.hoffman({ ...pair, ...o }), ["control"]],
  ["sleep", (o) => s.sleep({ ...dreaming, ...o }), ["dream"]],
  ["wakeSleep", (o) => s.wakeSleep({ ...dreaming, ...o }), ["dream"]],
  ["evaluation", (o) => s.evaluation({ ...pair, plate: i, chunk: 2, ...o }), ["chunks"]],
  ["training", (o) => s.training({ ...toTrain, ...o }), ["scales"]],
  ["Loop", (o) => new s.Loop({ algorithm, steps: 1, recordEvery: 1, ...o }), ["thread"]],
  ["chainWarnings", (o) => s.chainWarnings(chained, [], o), ["maxdepth"]],
  ["bindDraws", (o) => s.bindDraws({ draws: {}, along: i, key: s.key(1), ...o }), ["mising"]],
  ["twoPhase", (o) => s.controls.twoPhase({ step: s.constant(0, "int32"), at: 1, ...o })],
  ["priorPredictive", (o) => s.priorPredictive(model, undefined, o)],
  ["compile: spec", (o) => s.compile({ outputs: { x }, ...o }), ["output", "dtype"]],
  ["compile: options", (o) => s.compile({ outputs: { x } }, o), ["step", "thread"]],
  ["run", (o) => program.run(o), ["step", "x"]],
  ["model", (o) => s.model(() => undefined, o), ["dType"]],
  ["meanField", (o) => s.meanField(o)],
  ["lowRank", (o) => s.lowRank(o)],
  ["structured", (o) => s.structured(o)],
  ["flow", (o) => s.flow(o), ["depth"]],
  ["particles.massivelyParallel", (o) => s.particles.massivelyParallel(2, o)],
  ["adam", (o) => s.adam(0.1, o), ["beta", "learningRate"]],
  ["adamW", (o) => s.adamW(0.1, o)],
  ["adagrad", (o) => s.adagrad(0.1, o)],
  ["cosineRate", (o) => s.cosineRate(0.1, { updates: 3, ...o })],
  ["lag", (o) => s.lag(x, i, { before: 0, ...o }), ["by"]],
  ["bSplines", (o) => s.bSplines(x, { knots: [0, 1], basis: k, ...o } as never)],
  ["truncated", (o) => s.truncated(s.normal(0, 1), { lower: 0, ...o }), ["low", "max"]],
  ["gaussianProcess", (o) => s.gaussianProcess(s.whiteKernel(1), o), ["sd"]],
  ["matern", (o) => s.matern(1.5, { lengthscale: 1, ...o } as never), ["lengthScale"]],
];

describe.each(WORDS)("%s", (what, give, words = ["none"]) => {
  test.each(words)("has no %s", (word) => {
    const name = what.replace("particles.", "");
    expect(() => give({ [word]: 1 })).toThrow(s.SurmiseError);
    expect(() => give({ [word]: 1 })).toThrow(new RegExp(`^${name}.* has no entry '${word}'`));
  });
});

test("what samples by chains", async () => {
  const few = { draws: 4, warmup: 4, chains: 1 };
  await expect(s.sample(model, undefined, { ...few, chain: 2 } as never)).rejects.toThrow(
    "'chain'",
  );
  const until = { rhat: 1.1, es: 3 } as never;
  await expect(s.sample(model, undefined, { ...few, until })).rejects.toThrow("'es'");
  const nothing = { values: Number.NaN as never };
  await expect(s.sample(model, undefined, { ...few, ...nothing })).rejects.toThrow("values");
  await expect(s.sample(model, undefined, { ...few, init: -1 })).rejects.toThrow(
    "a radius of init",
  );
  await expect(s.anneal(model, undefined, { particle: 2 } as never)).rejects.toThrow("'particle'");
});

test("statements of models", () => {
  const run = (body: (sites: s.Sites) => unknown) => () =>
    s.trace(body, undefined, s.draw(s.key(1)));
  const options = { begin: 1 } as never;
  expect(run(({ sample }) => sample("z", s.normal(0, 1), options))).toThrow("no entry 'begin'");
  const init = { init: s.zeros, rate: 1 };
  expect(run(({ param }) => param("w", [], init))).toThrow("no entry 'rate'");
});

describe("one parameter in two words", () => {
  const twice: Record<string, (() => unknown)[]> = {
    "both probs and logits": [
      () => s.bernoulli({ probs: 0.5, logits: 0 }),
      () => s.binomial(3, { probs: 0.5, logits: 0 }),
      () => s.geometric({ probs: 0.5, logits: 0 }),
      () => s.zeroInflated(s.poisson(1), { probs: 0.5, logits: 0 }),
      () => s.categorical({ probs: x, logits: x } as never),
      () => s.multinomial(3, { probs: x, logits: x } as never),
      () => s.mixture({ probs: x, logits: x } as never, s.normal(x, 1)),
    ],
    "both mean and logMean": [
      () => s.negativeBinomial({ mean: 1, logMean: 0, dispersion: 1 } as never),
    ],
  };
  test.each(Object.entries(twice))("%s", (what, all) => {
    for (const make of all) expect(make).toThrow(what);
  });
});

describe("a tensor in an operator of the language", () => {
  const any = x as never as number;
  test.each([
    ["+", () => any + 1],
    ["<", () => any < 1],
    ["-", () => -any],
    ["Math.exp", () => Math.exp(any)],
  ])("%s", (_, use) => {
    expect(use).toThrow(/^literal\{i: 3\} float32 stands in an operator/);
  });
  test("as a text it describes itself", () => {
    expect(`${x}`).toBe("literal{i: 3} float32");
  });
});

test("a model that has other sites each time it is called", () => {
  let calls = 0;
  const changing = s.model(({ sample }) => {
    calls++;
    sample(`z${calls}`, s.normal(0, 1));
  });
  expect(() => s.fit({ model: changing, data: undefined, steps: 1 })).toThrow(
    /the same sites each time .* 'z\d+' and then 'z\d+'/,
  );
});
