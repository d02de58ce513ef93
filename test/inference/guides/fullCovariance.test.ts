/** The guide with a full covariance, where the posterior is a normal that depends in every direction. */
import { describe, expect, test } from "vitest";
import { dirichlet, multivariateNormal, normal } from "../../../src/distributions/index.ts";
import {
  automaticGuide,
  average,
  fullCovariance,
  fit as train,
} from "../../../src/inference/internal.ts";
import { type Model, model } from "../../../src/model/index.ts";
import { adam, stepDecay } from "../../../src/optim/index.ts";
import { axis, constant, sum, tensor } from "../../../src/tensor/index.ts";

const settled = { optimiser: adam(stepDecay(0.05, { every: 200, factor: 0.5 })), steps: 1500 };

function trained(p: Model<undefined, unknown>) {
  const guide = automaticGuide(p, fullCovariance());
  return train({ model: p, guide, data: undefined, particles: average(20), ...settled });
}

describe("full covariance", () => {
  const [row, column] = [axis("row", 3), axis("column", 3)];

  test("is the posterior of a sum of normal latents: the bound is the evidence", () => {
    // z ~ N(0, C), y ~ N(sum z, 0.5): y ~ N(0, 0.25 + sum of C).
    const c = [2, 0.6, -0.3, 0.6, 1, 0.2, -0.3, 0.2, 0.5];
    const p = model(({ sample, observe }) => {
      const covariance = tensor(c, [row, column]);
      const z = sample("z", multivariateNormal(0, { covariance }, row, column));
      observe("y", normal(sum(z, row), 0.5), constant(1.5));
    });
    const { parameters, bounds } = trained(p);
    expect(parameters["z.factor"].data.length).toBe(6);
    const variance = 0.25 + c.reduce((a, b) => a + b);
    const evidence = -0.5 * Math.log(2 * Math.PI * variance) - 1.5 ** 2 / (2 * variance);
    expect(bounds.at(-1)?.bound).toBeCloseTo(evidence, 2);
  });

  test("reaches over several event axes, and over the unconstrained parameters of shares", () => {
    const [a, b] = [axis("a", 2), axis("b", 2)];
    const p = model(({ sample, observe }) => {
      const z = sample("z", normal(0, 1).event(a, b));
      sample("shares", dirichlet(constant(5), row));
      observe("y", normal(sum(z, a, b), 0.5), constant(1.5));
    });
    const { parameters, bounds } = trained(p);
    expect(parameters["z.factor"].data.length).toBe(10);
    expect(parameters["shares.factor"].data.length).toBe(3);
    const evidence = -0.5 * Math.log(2 * Math.PI * 4.25) - 1.5 ** 2 / 8.5;
    const last = bounds.at(-1)?.bound as number;
    // The unconstrained shares are only nearly normal.
    expect(last).toBeLessThan(evidence + 0.01);
    expect(last).toBeGreaterThan(evidence - 0.05);
  });
});
