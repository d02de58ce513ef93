/** Particles of chains where the evidence, or the posterior, is known. */

import { describe, expect, test } from "vitest";
import { masked, normal } from "../../src/distributions/index.ts";
import {
  eliminate,
  factorsOf,
  massivelyParallel,
  type Particles,
  posterior,
  sumOverPlates,
  traceModelAndGuide,
} from "../../src/inference/internal.ts";
import type { Model } from "../../src/model/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { broadcast } from "../../src/runtime/internal.ts";
import { axis, fold, index, key, type Tensor, tensor } from "../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError } from "../distributions/values.ts";
import { f64, store } from "./gaussians.ts";
import { run } from "./hierarchy.ts";
import { kalman, modelsOf, type Series } from "./series.ts";

/** A stationary series of which every third state is seen. */
const DRAWN = [0.9, -0.3, -1.6, 0.2, 1.3, 2.1, 0.4, -0.8, 0.1, 1.1];
const often: Series = {
  seen: Array.from({ length: 30 }, (_, t) => (t % 3 === 2 ? DRAWN[(t - 2) / 3] : undefined)),
  keep: 1 - 1 / 5,
  step: Math.sqrt(2 / 5),
  start: 1,
};

/** The log evidence estimate of a model and a guide, one for each of `repetitions`. */
function estimate(model: Model, guide: Model, particles: Particles, repetitions: number): Tensor {
  const repeated = fold(key(1), index(axis("rep", repetitions)));
  const pair = { model, guide, data: undefined, key: repeated, parameters: store() };
  const traces = traceModelAndGuide(pair, particles);
  return sumOverPlates(eliminate(factorsOf(traces), traces.particles).weights);
}

describe("two steps, seen at the end, and a rough guide", () => {
  const y = 1.2;
  const time = axis("time", 2);
  const seen = tensor([0, 1], [time], "uint8");
  const model: Model = ({ chain, sample, observe }) => {
    chain(time, f64(0), (previous, { at }) => {
      const x = sample("x", normal(previous, Math.SQRT1_2));
      observe("y", masked(normal(x, 1), at(seen)), f64(y));
      return x;
    });
  };
  const rough: Model = ({ chain, sample }) => {
    chain(time, f64(0), (previous) => sample("x", normal(previous.mul(-0.4).add(0.6), 0.8)));
  };
  const evidence = Math.exp((-0.5 * y * y) / 2) / Math.sqrt(2 * Math.PI * 2);

  test.each(["permuted", "independent"] as const)("%s: the mixture is unbiased", (parents) => {
    const { b } = run({ b: estimate(model, rough, massivelyParallel(3, { parents }), 40_000) });
    const { mean, error } = meanAndError(b.map((x) => Math.exp(x) / evidence));
    expect(Math.abs(mean - 1)).toBeLessThan(FIVE_SIGMA * error);
    expect(error).toBeLessThan(0.006);
  });
});

test("posterior means and variances are those of Rauch's smoother", () => {
  const { model, prior, time } = modelsOf(often);
  const rep = axis("rep", 10);
  const found = posterior({
    model,
    guide: prior,
    data: undefined,
    key: fold(key(2), index(rep)),
    parameters: store(),
    particles: massivelyParallel(100),
  });
  const { smoothed } = kalman(often);
  const [means, variances] = [found.mean("x"), found.variance("x")].map((x) => {
    const { x: values } = compile({ outputs: { x } }, { steps: 1 }).run();
    return broadcast(values, [time, rep]);
  });
  smoothed.forEach(({ mean, variance }, t) => {
    const ofStep = (xs: ArrayLike<number>) =>
      meanAndError(Array.from({ length: rep.size }, (_, r) => xs[t * rep.size + r]));
    const [m, v] = [ofStep(means), ofStep(variances)];
    // Weighted means are biased by about 1 / K.
    expect(Math.abs(m.mean - mean)).toBeLessThan(0.05 + FIVE_SIGMA * m.error);
    expect(Math.abs(v.mean - variance)).toBeLessThan(0.05 + FIVE_SIGMA * v.error);
  });
});
