import { describe, expect, test } from "vitest";
import {
  adagrad,
  adam,
  constantRate,
  type Optimiser,
  type Rate,
  type Schedule,
  sgd,
  stagedRate,
  stepDecay,
  warmUp,
} from "../../src/optim/index.ts";
import { constant, type DType, SurmiseError, type Tensor, tensor } from "../../src/tensor/index.ts";
import { value } from "../distributions/values.ts";

const GRADIENTS = [0.5, -1.25, 0.02, 3, -0.4];

/** The parameter after each of the updates with GRADIENTS, from 1. */
function path({ init, update }: Optimiser, dtype: DType = "float64"): number[] {
  let param: Tensor = constant(1, dtype);
  let slots = init(param);
  return GRADIENTS.map((g, i) => {
    ({ param, slots } = update(param, constant(g, dtype), slots, constant(i + 1)));
    return value(param);
  });
}

/** By the formulas of PyTorch's documentation, computed in double precision in Python. */
const known: [string, (rate: Rate) => Optimiser, number, number[]][] = [
  [
    "adam",
    (rate) => adam(rate),
    0.1,
    [0.900000002, 0.9442215279138955, 0.9774516867927633, 0.9355600705760874, 0.9070029253322256],
  ],
  [
    "adam with other settings",
    (rate) => adam(rate, { beta2: 0.99, epsilon: 1e-4 }),
    0.01,
    [
      0.99000199960008, 0.9944164648396994, 0.9977411691730018, 0.9935737813018382,
      0.9907266975021312,
    ],
  ],
  [
    "adagrad",
    (rate) => adagrad(rate),
    0.1,
    [0.90000000002, 0.9928476691016294, 0.9913622702933566, 0.9001296472680073, 0.9122049848438477],
  ],
  ["sgd with momentum", (rate) => sgd(rate, 0.9), 0.1, [0.95, 1.03, 1.1, 0.863, 0.6897]],
  ["sgd", (rate) => sgd(rate), 0.1, [0.95, 1.075, 1.073, 0.773, 0.813]],
];

describe.each(known)("%s", (_, make, rate, expected) => {
  test("takes the known steps", () => {
    path(make(rate)).forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i], 10);
    });
  });

  test("takes the same steps with a schedule that is constant, to float32", () => {
    path(make(constantRate(rate))).forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i], 6);
    });
  });

  test("keeps the type of the parameter and has the slots it names", () => {
    const optimiser = make(rate);
    const start = optimiser.init(constant(1));
    const after = optimiser.update(constant(1), constant(0.5), start, constant(1));
    expect(after.param.dtype).toBe("float32");
    expect(Object.keys(start)).toEqual(optimiser.slots);
    expect(Object.keys(after.slots)).toEqual(optimiser.slots);
  });
});

test("settings record the numbers and name the schedule", () => {
  expect(adam(0.001, { epsilon: 1e-4 }).settings).toEqual({
    rate: 0.001,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-4,
  });
  expect(adagrad(stepDecay(0.1, { every: 10, factor: 0.5 })).settings.rate).toBe(
    "stepDecay(0.1, every 10, factor 0.5)",
  );
  expect(sgd(constantRate(2)).settings).toEqual({ rate: "constantRate(2)", momentum: 0 });
});

test("stepDecay falls after each `every` updates, counted from 1", () => {
  const rate = stepDecay(0.8, { every: 3, factor: 0.5 });
  const at = [1, 3, 4, 6, 7, 9_000_001];
  const found = at.map((step) => value(rate(tensor(step))));
  [0.8, 0.8, 0.4, 0.4, 0.2, 0].forEach((expected, i) => {
    expect(found[i]).toBeCloseTo(expected, 7);
  });
});

test("warmUp rises in a straight line to the rate, or to the rates of a schedule", () => {
  const at = [1, 2, 4, 5, 8];
  const rates = (rate: Schedule) => at.map((step) => Math.fround(value(rate(tensor(step)))));
  expect(rates(warmUp(0.8, 4))).toEqual([0.2, 0.4, 0.8, 0.8, 0.8].map(Math.fround));
  const halved = warmUp(stepDecay(0.8, { every: 4, factor: 0.5 }), 4);
  expect(rates(halved)).toEqual([0.2, 0.4, 0.8, 0.4, 0.4].map(Math.fround));
  expect(warmUp(0.5, 10).name).toBe("warmUp(0.5, 10 updates)");
});

test("stagedRate has a rate for each stage, and stays at the last", () => {
  const rate = stagedRate([
    { rate: 3, updates: 2 },
    { rate: 2, updates: 0 },
    { rate: 1, updates: 4 },
    { rate: 0.5, updates: 1 },
  ]);
  const found = [1, 2, 3, 6, 7, 100].map((step) => value(rate(tensor(step))));
  expect(found).toEqual([3, 3, 1, 1, 0.5, 0.5]);
});

test.each<[string, () => unknown]>([
  [
    "stagedRate: the number of stages must be a whole number of at least 1, not 0",
    () => stagedRate([]),
  ],
  ["adam: the rate must be a number of at least 0, not -1", () => adam(-1)],
  ["adam: the rate must be a number of at least 0, not NaN", () => adam(Number.NaN)],
  ['adam: the rate must be a number of at least 0, not "0.1"', () => adam("0.1" as never)],
  ["adam: the rate must be a number of at least 0, not Infinity", () => adam(1 / 0)],
  ["adam: the rate must be a number of at least 0, not undefined", () => adam(undefined as never)],
  ["adam: beta1 must be a number of at least 0 and below 1, not 1", () => adam(1, { beta1: 1 })],
  [
    "adam: beta2 must be a number of at least 0 and below 1, not -0.1",
    () => adam(1, { beta2: -0.1 }),
  ],
  ["adam: epsilon must be a number of at least 0, not NaN", () => adam(1, { epsilon: Number.NaN })],
  ["adagrad: the rate must be a number of at least 0, not -1", () => adagrad(-1)],
  ["adagrad: epsilon must be a number of at least 0, not -1", () => adagrad(1, { epsilon: -1 })],
  ["sgd: the rate must be a number of at least 0, not null", () => sgd(null as never)],
  ["sgd: the momentum must be a number of at least 0 and below 1, not 1.5", () => sgd(1, 1.5)],
  ["constantRate: the rate must be a number of at least 0, not -2", () => constantRate(-2)],
  [
    "stepDecay: every must be a whole number of at least 1, not 0",
    () => stepDecay(1, { every: 0, factor: 0.5 }),
  ],
  ["warmUp: updates must be a whole number of at least 1, not 0", () => warmUp(1, 0)],
  [
    "stepDecay: factor must be a number above 0, not 0",
    () => stepDecay(1, { every: 1, factor: 0 }),
  ],
])("refused: %s", (message, make) => {
  expect(make).toThrow(new SurmiseError(message));
});
