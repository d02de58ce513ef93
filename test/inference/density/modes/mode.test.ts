/** The most probable values, by themselves and of the unconstrained numbers. */
import { describe, expect, test } from "vitest";
import { beta, binomial, normal, poisson } from "../../../../src/distributions/index.ts";
import { type MethodName, samplePosterior, fit as train } from "../../../../src/inference/index.ts";
import { average } from "../../../../src/inference/internal.ts";
import type { Model } from "../../../../src/model/index.ts";
import { adam, stepDecay } from "../../../../src/optim/index.ts";
import { axis, constant, tensor } from "../../../../src/tensor/index.ts";

type Plain = Model<undefined, unknown>;

const settled = { optimiser: adam(stepDecay(0.1, { every: 100, factor: 0.5 })), steps: 1500 };
const search = (model: Plain, method: MethodName) =>
  train({ model, data: undefined, method, ...settled });

const coin: Plain = ({ sample, observe }) => {
  const chance = sample("chance", beta(3, 2));
  observe("heads", binomial(10, { probs: chance }), constant(7));
};

describe("the mode", () => {
  test("of the values themselves: (a + y - 1) / (a + b + n - 2)", () => {
    const fitted = search(coin, "map");
    const { sites, draws, logEvidence } = samplePosterior(fitted);
    expect(sites.chance.data[0]).toBeCloseTo(9 / 13, 4);
    expect([draws, logEvidence]).toEqual([1, undefined]);
    // The density there: beta(3, 2) is 12 c^2 (1 - c), and of 7 heads 120 c^7 (1 - c)^3.
    const at = Math.log(12 * 120) + 9 * Math.log(9 / 13) + 4 * Math.log(4 / 13);
    expect(fitted.bounds.at(-1)?.bound).toBeCloseTo(at, 4);
  });

  test("of the unconstrained number, with the Jacobian: (a + y) / (a + b + n)", () => {
    const { parameters } = search(coin, "laplace");
    const mode = 1 / (1 + Math.exp(-parameters["chance.mode"].data[0]));
    expect(mode).toBeCloseTo(10 / 15, 4);
  });

  test("is searched for together with the parameters of the model", () => {
    // z ~ normal(m, 1), y_i ~ normal(z, 1): the joint density is largest at z = m = the mean of y.
    const datum = axis("datum", 4);
    const p: Plain = ({ sample, observe, plate, param, deterministic }) => {
      const m = param("m", [], { init: () => constant(0) });
      const z = deterministic("shifted", sample("z", normal(m, 1)).add(1));
      plate(datum, () => observe("y", normal(z.sub(1), 1), tensor([1, 2, 3, 6], [datum])));
    };
    const { sites } = samplePosterior(search(p, "map"));
    expect(sites.m.data[0]).toBeCloseTo(3, 3);
    expect(sites.z.data[0]).toBeCloseTo(3, 3);
    expect(sites.shifted.data[0]).toBeCloseTo(4, 3);
  });

  test("of a model with parameters alone is that of the likelihood", () => {
    const p: Plain = ({ observe, param }) => {
      const m = param("m", [], { init: () => constant(0) });
      observe("y", normal(m, 1), constant(2));
    };
    expect(samplePosterior(search(p, "map")).sites.m.data[0]).toBeCloseTo(2, 3);
  });
});

describe("what has no mode is refused", () => {
  test.each(["map", "laplace"] as const)("%s of a count without end, by name", (method) => {
    const p: Plain = ({ sample }) => void sample("c", poisson(2));
    expect(() => search(p, method)).toThrow(/latent 'c' has the support 'count'.*cannot be summed/);
  });

  test("a latent in a subsampled plate", () => {
    const some = axis("image", 5);
    const p: Plain = ({ sample, plate }) => {
      plate(some, () => sample("code", normal(0, 1)), { total: 50 });
    };
    expect(() => search(p, "map")).toThrow(/latent 'code': plate 'image' holds 5 of 50 elements/);
  });

  test("choices that a search has no use for", () => {
    const options = { model: coin, data: undefined, method: "map" } as const;
    expect(() => train({ ...options, guide: coin })).toThrow(/method map .*leave out guide/);
    expect(() => train({ ...options, kl: "closed" })).toThrow(/method map .*leave out kl/);
    expect(() => train({ ...options, particles: average(3) })).toThrow(/leave out particles/);
  });

  test("a step where the log density is not finite names the site", () => {
    const p: Plain = ({ sample, observe }) => {
      const slope = sample("slope", normal(-1, 1));
      observe("y", normal(0, slope), constant(1));
    };
    expect(() => search(p, "map")).toThrow(/site 'y': the sd of its normal is -1/);
  });
});
