/** The weight of the divergence: the optimum and the value of a normal model, in closed form. */
import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { bound, fit, global, samplePosterior, summarise } from "../../../src/inference/internal.ts";
import { model, paramStore } from "../../../src/model/index.ts";
import { warmUp } from "../../../src/optim/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { constant, exp, key, tensor } from "../../../src/tensor/index.ts";

const Y = 2;
const pair = {
  model: model(({ sample, observe }) =>
    observe("y", normal(sample("z", normal(0, 1)), 1), tensor(Y)),
  ),
  data: undefined,
};
const zeros = () => constant(0);
const guide = model(({ sample, param }) => {
  sample("z", normal(param("mean", [], { init: zeros }), exp(param("logSd", [], { init: zeros }))));
});

/** log p(y | z) + beta (log p(z) - log q(z)), in the mean over q = N(0, 1), is that of the likelihood alone. */
test("weighs the terms of latents, and leaves the observed ones", () => {
  const at = (beta: number, kl: "sampled" | "closed") => {
    const store = paramStore();
    const { bound: value } = bound({ ...pair, guide, key: key(1), parameters: store, beta, kl });
    const program = compile({ outputs: { value } });
    program.write("mean", [0.5]);
    program.write("logSd", [0]);
    return Number(program.run().value.data[0]);
  };
  const [none, once, twice] = [0, 1, 2].map((beta) => at(beta, "closed"));
  // KL(N(0.5, 1) || N(0, 1)) = 0.125.
  expect(once - none).toBeCloseTo(-0.125, 6);
  expect(twice - once).toBeCloseTo(-0.125, 6);
  const sampled = [0, 1, 2].map((beta) => at(beta, "sampled"));
  expect(sampled[2] - sampled[1]).toBeCloseTo(sampled[1] - sampled[0], 6);
});

/** q is then normal with the precision 1 + 1 / beta around (y / beta) / (1 + 1 / beta). */
describe("the optimum", () => {
  const draws = 4000;
  test.each([0.25, 4])("with beta %f", (beta) => {
    const fitted = fit({ ...pair, method: "vi", beta });
    const [z] = summarise(samplePosterior(fitted, { draws }));
    const precision = 1 + 1 / beta;
    const sd = 1 / Math.sqrt(precision);
    expect(Math.abs(z.mean - Y / beta / precision)).toBeLessThan(4.5 * (sd / Math.sqrt(draws)));
    expect(Math.abs(z.sd / sd - 1)).toBeLessThan(4.5 / Math.sqrt(2 * draws));
  });

  test("with a weight that rises to 1 it is the posterior", () => {
    const fitted = fit({ ...pair, method: "vi", beta: warmUp(1, 500), steps: 2000 });
    const [z] = summarise(samplePosterior(fitted, { draws }));
    expect(Math.abs(z.mean - Y / 2)).toBeLessThan(4.5 * Math.sqrt(0.5 / draws));
    expect(Math.abs(z.sd / Math.sqrt(0.5) - 1)).toBeLessThan(4.5 / Math.sqrt(2 * draws));
  });
});

describe("refused", () => {
  const made = (options: object) => () =>
    bound({ ...pair, guide, key: key(1), parameters: paramStore(), ...options });
  test("below 0", () => {
    expect(made({ beta: -1 })).toThrow("bound: beta must be a number of at least 0, not -1");
  });
  test("with particles that are weighted", () => {
    expect(made({ beta: 2, particles: global(3) })).toThrow(
      "bound: beta weighs the mean of log p(z) - log q(z), but particles that are weighted need the ratio of each",
    );
  });
  test("by a search for the mode", () => {
    expect(() => fit({ ...pair, method: "map", beta: 2 })).toThrow("leave out beta");
  });
});
