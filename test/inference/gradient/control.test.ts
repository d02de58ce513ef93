/** Control variates: carried from step to step, kept over the data set, and less noise with them. */
import { describe, expect, test } from "vitest";
import { bernoulli, normal } from "../../../src/distributions/index.ts";
import {
  bound,
  type Control,
  controls,
  fit,
  minibatchRows,
  type Particles,
  particles,
  score,
  training,
} from "../../../src/inference/index.ts";
import { type Model, model, paramStore } from "../../../src/model/index.ts";
import { constantInit } from "../../../src/nn/index.ts";
import { adam, sgd, stepDecay } from "../../../src/optim/index.ts";
import {
  axis,
  constant,
  gather,
  gatherClamped,
  key,
  type Tensor,
  tensor,
} from "../../../src/tensor/internal.ts";
import { type Data, localMeans, S } from "../gaussians.ts";
import { type State, start, steps } from "../programs.ts";

/** Data so unlike each other that their bounds are. */
const row = axis("row", 6);
const X = [4, -5, 6, -4, 5, -6];
const x = tensor(X, [row], "float64");
const SLOPE = 1 / (1 + S * S);
const SD = S / Math.sqrt(1 + S * S);
const zeroInit = { init: constantInit(0), dtype: "float64" } as const;

/** The posterior of each datum, moved by a trained shift that begins at 0. */
const guide = model(({ sample, param, plate }, data: Data) => {
  const shift = param("shift", [], zeroInit);
  plate(data.datum, () => sample("z", normal(data.x.mul(SLOPE).add(shift), SD)));
});

type Batch = { readonly data: Data; readonly control: Control };

/** The guide trained by the score function; a rate of 0 leaves it where it is. */
function trained(batch: (step: Tensor, runKey: Parameters<typeof minibatchRows>[3]) => Batch) {
  const parameters = paramStore();
  return training({
    objective(step, key, runKey) {
      const { data, control } = batch(step, runKey);
      return bound({ model: localMeans, guide, data, key, parameters, gradient: score(control) });
    },
    parameters,
    optimiser: sgd(1e-300),
    seed: 3,
  });
}

const whole = (control: Control) => trained(() => ({ data: { x, datum: row }, control }));
const controlOf = (state: State) => [...(state.get("z#control") as Float64Array)];

test("the scalar is the running mean of the bound, with a decay of 0.9", () => {
  // The signal of each datum is its own part of the bound.
  const made = whole(controls.scalar);
  const state = start(made);
  let expected = 0;
  for (const { bound: value } of steps(made, state, 5)) {
    expected = 0.9 * expected + (0.1 * value[0]) / X.length;
  }
  expect(controlOf(state)[0]).toBeCloseTo(expected, 9);
});

test("in two phases the second begins where the first came to, which stays", () => {
  const made = trained((step) => ({
    data: { x, datum: row },
    control: controls.twoPhase({ step, at: 3 }),
  }));
  const state = start(made);
  const kept = () =>
    ["z 0#control", "z 1#control"].map((name) => [...(state.get(name) as Float64Array)]);
  const first = steps(made, state, 3).map(({ bound: value }) => value[0] / X.length);
  const mean = first.reduce((running, value) => 0.9 * running + 0.1 * value, 0);
  const [[shared], own] = kept();
  expect(shared).toBeCloseTo(mean, 9);
  expect(own).toEqual(X.map(() => 0));
  // A step later each has moved by a tenth of what the shared one leaves, of all of them together that of the bound.
  const [{ bound: next }] = steps(made, state, 1);
  const [[still], moved] = kept();
  expect(still).toBe(shared);
  expect(moved.reduce((a, b) => a + b)).toBeCloseTo(0.1 * (next[0] - X.length * shared), 9);
});

describe("one for each datum", () => {
  test("is kept over the data set, whichever rows a minibatch has", () => {
    const batch = axis("batch", 2);
    const made = trained((step, runKey) => {
      const rows = minibatchRows(row, batch, step, runKey);
      const data = { x: gatherClamped(x, row, rows), datum: batch, total: row.size };
      return { data, control: controls.perDatum({ batch, row, rows }) };
    });
    const state = start(made);
    const after = Array.from({ length: 3 }, () => {
      const [{ bound: value }] = steps(made, state, 1);
      return { value: value[0], control: controlOf(state) };
    });
    const met = after.map(({ control }) => control.filter((c) => c !== 0).length);
    expect(met).toEqual([2, 4, 6]);
    // The bound of a batch is its sum times total / size; the signal of a datum has the scale too.
    after.forEach(({ value, control }, i) => {
      const before = i === 0 ? 0 : after[i - 1].control.reduce((a, b) => a + b);
      expect(control.reduce((a, b) => a + b) - before).toBeCloseTo(0.1 * value, 9);
    });
  });

  test("a minibatch whose rows are not given is refused", () => {
    const batch = axis("batch", 2);
    const data = { x: gather(x, row, tensor([0, 1], [batch], "int32")), datum: batch, total: 6 };
    expect(() => trained(() => ({ data, control: controls.perDatum() }))).toThrow(
      /latent 'z': plate 'batch' holds a minibatch.*give controls.perDatum\(\{ batch, row, rows \}\)/,
    );
  });

  test("takes off more noise than the scalar, and that more than none", () => {
    const [none, scalar, each] = [controls.none, controls.scalar, controls.perDatum()].map(
      (control) => {
        const made = whole(control);
        const state = start(made);
        steps(made, state, 60);
        const outputs = { shift: made.gradients.shift };
        const found = steps({ ...made, outputs, metrics: {} }, state, 200);
        const draws = found.map(({ shift }) => shift[0]);
        const mean = draws.reduce((a, b) => a + b) / draws.length;
        return draws.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (draws.length - 1);
      },
    );
    expect(scalar).toBeLessThan(none / 5);
    // At the posterior the bound of each datum is known: nothing is left but what the means still miss.
    expect(each).toBeLessThan(scalar / 1000);
  });
});

test("discrete latents are trained by the score function", () => {
  // Of a coin that is up with probability 0.3, and then a number near 1: p(up | x) by Bayes' rule.
  const coin = model(({ sample, observe }) => {
    const up = sample("up", bernoulli({ probs: 0.3 }));
    observe("x", normal(up, 0.7), constant(0.8));
  });
  const coinGuide = model(({ sample, param }) => {
    sample("up", bernoulli({ logits: param("logit", [], { init: constantInit(0) }) }));
  });
  const density = (mean: number) => Math.exp(-0.5 * ((0.8 - mean) / 0.7) ** 2);
  const odds = (0.3 * density(1)) / (0.7 * density(0));
  const { parameters } = fit({
    model: coin,
    guide: coinGuide,
    data: undefined,
    particles: 20,
    gradient: "scoreLeaveOneOut",
    steps: 2000,
    optimiser: adam(stepDecay(0.1, { every: 200, factor: 0.5 })),
  });
  expect(parameters.logit.data[0]).toBeCloseTo(Math.log(odds), 1);
});

describe("leave-one-out, where particles are of the latents in plates", () => {
  const inFloat32 = { init: constantInit(0) };
  const data = { x: tensor(X, [row]), datum: row };
  const local: Model<Data> = ({ sample, observe, plate }, data) => {
    const shift = sample("shift", normal(0, 1));
    plate(data.datum, () => {
      observe("x", normal(sample("z", normal(shift, 1)), S), data.x);
    });
  };
  const itsGuide: Model<Data> = ({ sample, param, plate }, data) => {
    sample("shift", normal(param("centre", [], inFloat32), 1));
    plate(data.datum, () => sample("z", normal(param("centres", [data.datum], inFloat32), 1)));
  };
  const boundWith = (of: Particles) => {
    const given = { model: local, guide: itsGuide, data, key: key(1) };
    const parameters = paramStore();
    return bound({ ...given, parameters, particles: of, gradient: "scoreLeaveOneOut" });
  };

  test("a latent that is drawn once is refused by name", () => {
    expect(() => boundWith(particles.local(4))).toThrow(
      /latent 'shift': it is drawn once.*particles\.average with at least 2/,
    );
  });

  test("averages of them say what it is compared with", () => {
    expect(() => boundWith(particles.average(2, particles.local(4)))).not.toThrow();
    expect(() => boundWith(particles.local(4, ["shift", "z"]))).not.toThrow();
  });
});
