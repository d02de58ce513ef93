/** How often the functions of the user are called: a model, a guide, the body of a chain. */
import { beforeEach, describe, expect, test } from "vitest";
import { normal } from "../../src/distributions/index.ts";
import { evaluation } from "../../src/inference/evaluation/evaluate.ts";
import { type MethodName, samplePosterior, fit as train } from "../../src/inference/index.ts";
import { draw, type Model, paramStore, trace } from "../../src/model/index.ts";
import { axis, constant, key, tensor } from "../../src/tensor/index.ts";

const row = axis("row", 3);
const y = tensor([0.4, -0.3, 1.2], [row]);

const calls = { model: 0, guide: 0, step: 0 };

beforeEach(() => {
  Object.assign(calls, { model: 0, guide: 0, step: 0 });
});

const model: Model<undefined> = ({ sample, observe, plate, deterministic }) => {
  calls.model++;
  const mean = sample("mean", normal(0, 1));
  deterministic("twice", mean.mul(2));
  plate(row, () => observe("y", normal(mean, 1), y));
};

const guide: Model<undefined> = ({ sample, param }) => {
  calls.guide++;
  sample("mean", normal(param("m", [], { init: () => constant(0) }), 0.5));
};

/** Its step is called once wherever the model is. */
const chained: Model<undefined> = ({ sample, observe, chain }) => {
  calls.model++;
  const drift = sample("drift", normal(0, 1));
  chain(row, constant(0), (previous, { at }) => {
    calls.step++;
    const level = sample("level", normal(previous.add(drift), 1));
    observe("y", normal(level, 1), at(y));
    return level;
  });
};

const common = { model, data: undefined, steps: 2, backend: "wasm" } as const;

describe("the function of a model is called", () => {
  test("once by a trace", () => {
    trace(model, undefined, draw(key(1)));
    expect(calls).toEqual({ model: 1, guide: 0, step: 0 });
  });

  test("by a fit with a guide made from it: twice for coordinates, to begin, as guide, as model, and once again", () => {
    train({ ...common, method: "vi" });
    // Once more, where a model is met first, to see that it says the same.
    expect(calls).toEqual({ model: 6, guide: 0, step: 0 });
  });

  test("once by a fit with a guide of one's own, and the guide once", () => {
    train({ ...common, guide });
    expect(calls).toEqual({ model: 1, guide: 1, step: 0 });
  });

  test.each<[MethodName, number]>([
    ["map", 2],
    ["laplace", 2],
  ])("by a search for the mode with %s %i times", (method, times) => {
    train({ ...common, method });
    expect(calls).toEqual({ model: times, guide: 0, step: 0 });
  });

  test.each<[string, MethodName, number]>([
    [
      "as both for the ratios, and, weighted by them, as the guide, as the model, and on those chosen",
      "vi",
      5,
    ],
    [
      "as the guide, as the model, and on the draws that were chosen, and twice as both for the ratios and the evidence",
      "iwae",
      7,
    ],
  ])("for posterior draws %s", (_, method, times) => {
    const fitted = train({ ...common, method });
    calls.model = 0;
    samplePosterior(fitted, { draws: 2 });
    expect(calls).toEqual({ model: times, guide: 0, step: 0 });
  });

  test.each<[MethodName, number, number]>([
    ["vi", 6, 5],
    ["mp", 5, 5],
  ])(
    "with the step of its chain as often, by %s %i times, and %i for draws",
    (method, fits, draws) => {
      const fitted = train({ ...common, model: chained, method });
      expect(calls).toEqual({ model: fits, guide: 0, step: fits });
      samplePosterior(fitted, { draws: 2 });
      expect(calls).toEqual({ model: fits + draws, guide: 0, step: fits + draws });
    },
  );

  test("once by the evaluation, and the guide once", () => {
    const local =
      (observing: boolean): Model<undefined> =>
      ({ sample, observe, plate }) => {
        calls[observing ? "model" : "guide"]++;
        plate(row, () => {
          const z = sample("z", normal(0, 1));
          if (observing) observe("y", normal(z, 1), y);
        });
      };
    evaluation({
      ...{ model: local(true), guide: local(false), data: undefined, key: key(1) },
      ...{ parameters: paramStore(), plate: row, chunk: 4 },
    });
    expect(calls).toEqual({ model: 1, guide: 1, step: 0 });
  });
});
