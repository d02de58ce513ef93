/** Trained values that do not fit the models they are handed to. */
import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import {
  bound,
  drawPosterior,
  global,
  predictiveLogLikelihood,
  single,
  type Trained,
  fit as train,
} from "../../../src/inference/internal.ts";
import { model, paramStore } from "../../../src/model/index.ts";
import { constantInit } from "../../../src/nn/index.ts";
import { sgd } from "../../../src/optim/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, exp, input, key, tensor } from "../../../src/tensor/index.ts";

const item = axis("item", 2, ["a", "b"]);
const p = model(({ sample, observe, plate }) => {
  plate(item, () => observe("y", normal(sample("z", normal(0, 1)), 0.1), tensor([1, -2], [item])));
});
const q = model(({ sample, plate, param }) => {
  const at = param("at", [item], { init: constantInit(0.5) });
  const logSd = param("logSd", [], { init: constantInit(-2) });
  plate(item, () => sample("z", normal(at, exp(logSd))));
});
const pair = { model: p, guide: q, data: undefined };
const draws = (values: Trained, weighted = false) => {
  const more = weighted ? { particles: global(10) } : {};
  return drawPosterior({
    ...pair,
    parameters: paramStore(),
    values,
    draws: 20,
    seed: 1,
    ...more,
  });
};
const good = train({ ...pair, optimiser: sgd(0), steps: 1 }).parameters;

describe.each([false, true])("draws, weighted: %s", (weighted) => {
  const cases: [string, Trained | Record<string, unknown>][] = [
    [
      "trained values: 'logSd' missing; given: 'at', the parameters are: 'at', 'logSd'. Hand over all",
      { at: good.at },
    ],
    ["'at', 'logSd' missing; given: none", {}],
    [
      "trained values: 'sd' not a parameter of model or guide; given: 'at', 'logSd', 'sd'",
      { ...good, sd: good.logSd },
    ],
    ["parameter 'at' over {item: 2} needs 2 values, got 1", { ...good, at: good.logSd }],
    ["parameter 'at' over {item: 2} needs 2 values, got none", { ...good, at: {} }],
    [
      "parameter 'at' is NaN at item 'b': a trained parameter is a finite number",
      { ...good, at: { data: Float32Array.of(1, NaN) } },
    ],
    [
      "parameter 'logSd' is Infinity: a trained",
      { ...good, logSd: { data: Float32Array.of(Infinity) } },
    ],
    [
      "parameter 'logSd' is float32, the given values are float64",
      { ...good, logSd: { ...good.logSd, dtype: "float64" } },
    ],
    [
      "parameter 'at' has axes {item: 2}, the given values {row: 2}",
      { ...good, at: { ...good.at, axes: [axis("row", 2)] } },
    ],
  ];
  test.each(cases)("%s", (message, values) => {
    expect(() => draws(values as Trained, weighted)).toThrow(message);
  });

  test("the state of an optimiser may be among them", () => {
    const { sites } = draws({ ...good, "at#m": { data: new Float32Array(2) } }, weighted);
    expect(sites.z.data).toEqual(draws(good, weighted).sites.z.data);
  });
});

test("a program does not run before all its parameters have values", () => {
  const store = paramStore();
  const run = (key_: number) =>
    compile({
      outputs: {
        bound: bound({ ...pair, parameters: store, key: key(key_), particles: single() }).bound,
      },
    });
  const program = run(1);
  expect(() => program.run()).toThrow(
    "the program has no values for 'at', 'logSd': give them by write(name, data) first",
  );
  program.write("at", [1, 2]);
  expect(() => program.run()).toThrow(
    "for 'logSd': give them by write(name, data) first; those of 'at'",
  );
  program.write("logSd", 0);
  expect(program.run().bound.data[0]).toBeLessThan(0);

  const along = axis("draw", 3);
  const drawn = input("drawn", [along, item], "float32");
  const options = {
    model: p,
    data: undefined,
    parameters: store,
    draws: { z: drawn },
    along,
    key: key(1),
  };
  const predictive = compile({ outputs: { predictive: predictiveLogLikelihood(options) } });
  expect(() => predictive.run()).toThrow("no values for 'drawn'");
});
