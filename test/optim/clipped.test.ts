/** Clipped gradients: of all parameters together to a norm, and element by element. */
import { expect, test } from "vitest";
import { training } from "../../src/inference/index.ts";
import { paramStore } from "../../src/model/index.ts";
import { adam, clipped, sgd } from "../../src/optim/index.ts";
import { axis, cast, constant, sum, tensor } from "../../src/tensor/index.ts";
import { valuesOf } from "../distributions/values.ts";

const [pair, alone] = [axis("pair", 2), axis("alone", 1)];

/** Where parameters of gradients (3, 0) and 4 end after a step of gradient descent at a rate of 1. */
function moved(options: Parameters<typeof clipped>[1], learningRateScale?: number): number[] {
  const parameters = paramStore();
  const { updates } = training({
    objective: () => {
      const scale =
        learningRateScale === undefined ? {} : { learningRateScale: constant(learningRateScale) };
      const init = () => constant(0);
      const a = parameters.declare("a", [pair], { init, ...scale }).value;
      const b = parameters.declare("b", [alone], { init }).value;
      const loss = sum(a.mul(tensor([3, 0], [pair]))).add(sum(b).mul(4));
      return { bound: cast(loss.neg(), "float64"), sites: {} };
    },
    ...{ parameters, optimiser: clipped(sgd(1), options), seed: 0 },
  });
  const inputs = {
    a: new Float32Array(2),
    b: new Float32Array(1),
    "a#learningRateScale": new Float32Array(2).fill(learningRateScale ?? 1),
  };
  const after = updates.filter(
    ([{ operation }]) => operation.op === "input" && ["a", "b"].includes(operation.name),
  );
  return valuesOf(
    after.map(([, value]) => value),
    inputs,
  ).flatMap((each) => [...each]);
}

test.each([
  ["a norm of 5, which is that of all together", { norm: 5 }, [-3, -0, -4]],
  ["a norm of 1", { norm: 1 }, [-0.6, -0, -0.8]],
  ["a norm of 100, which is never reached", { norm: 100 }, [-3, -0, -4]],
  ["values of 3.5", { value: 3.5 }, [-3, -0, -3.5]],
  ["both, the norm first", { norm: 2.5, value: 1.75 }, [-1.5, -0, -1.75]],
])("to %s", (_, options, expected) => {
  moved(options).forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i], 5);
  });
});

test("norms are in units of the learning-rate scales", () => {
  // Gradients by the parameters over their scales: (6, 0) and 4, of norm sqrt(52); a moves by twice that.
  const share = 1 / Math.sqrt(52);
  moved({ norm: 1 }, 2).forEach((x, i) => {
    expect(x).toBeCloseTo([-12, 0, -4][i] * share, 5);
  });
});

test("is told in the settings of the rule, and refuses what is no size", () => {
  expect(clipped(adam(0.1), { norm: 2 }).settings).toMatchObject({ rate: 0.1, clipNorm: 2 });
  expect(() => clipped(adam(0.1), {})).toThrow("clipped: give norm or value");
  expect(() => clipped(clipped(adam(0.1), { norm: 2 }), { value: 1 })).toThrow(
    "clips gradients already",
  );
  expect(() => clipped(adam(0.1), { norm: 0 })).toThrow("clipped: norm");
  expect(() => clipped(adam(0.1), { value: -1 })).toThrow("clipped: value");
});
