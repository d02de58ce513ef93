/** Guides that keep the dependences of the model, where these make them the posterior. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  categorical,
  gamma,
  halfNormal,
  normal,
} from "../../../src/distributions/index.ts";
import {
  alongChains,
  automaticGuide,
  average,
  type Gradient,
  global,
  meanField,
  type Particles,
  structured,
  fit as train,
} from "../../../src/inference/internal.ts";
import { draw, type Model, model, paramStore, trace } from "../../../src/model/index.ts";
import { adam, stepDecay } from "../../../src/optim/index.ts";
import { axis, constant, gather, key, tensor } from "../../../src/tensor/index.ts";
import { group, hierarchy, logEvidence } from "../hierarchy.ts";
import { kalman, modelsOf } from "../series.ts";

const settled = { optimiser: adam(stepDecay(0.1, { every: 150, factor: 0.4 })), steps: 1500 };

/** The last bound of the trained guide. */
function bound(
  p: Model,
  guide: Model<undefined, unknown>,
  particles: Particles = average(8),
  gradient: Gradient = "total",
): number {
  const options = { model: p, guide, data: undefined, particles, gradient, ...settled };
  return train(options).bounds.at(-1)?.bound as number;
}

describe("structured", () => {
  test("is the posterior of a hierarchy of normals: the bound is the evidence", () => {
    const found = bound(hierarchy, automaticGuide(hierarchy, structured()));
    expect(found).toBeCloseTo(logEvidence, 2);
    expect(bound(hierarchy, automaticGuide(hierarchy, meanField()))).toBeLessThan(
      logEvidence - 0.05,
    );
  });

  test("is the posterior of a chain of normals", () => {
    const series = { seen: [1.2, undefined, -0.4, 2.2, 0.9], keep: 0.9, step: 0.6, start: 1.5 };
    const { model: chain } = modelsOf(series);
    const found = bound(chain, automaticGuide(chain, alongChains(meanField())));
    expect(found).toBeCloseTo(kalman(series).logEvidence, 2);
  });

  test("is the posterior of a hidden Markov model, as the forward recursion has it", () => {
    const [day, before, kind] = [axis("day", 4), axis("before", 2), axis("kind", 2)];
    const move = [
      [0.8, 0.2],
      [0.3, 0.7],
    ];
    const centres = [-1, 1.5];
    const seen = [0.3, 1.9, -0.8, 0.4];
    const hidden: Model = ({ chain, sample, observe }) => {
      chain(day, constant(0, "int32"), (previous, { at }) => {
        const weights = gather(tensor(move, [before, kind]), before, previous);
        const state = sample("state", categorical(weights, kind));
        observe(
          "y",
          normal(gather(tensor(centres, [kind]), kind, state), 1),
          at(tensor(seen, [day])),
        );
        return state;
      });
    };
    let alpha = [1, 0];
    for (const y of seen) {
      alpha = [0, 1].map((s) => {
        const arrived = alpha[0] * move[0][s] + alpha[1] * move[1][s];
        return (arrived * Math.exp(-0.5 * (y - centres[s]) ** 2)) / Math.sqrt(2 * Math.PI);
      });
    }
    const guide = automaticGuide(hidden, structured());
    // With the posterior as the guide all weights are equal, and the bound has no noise.
    expect(bound(hidden, guide, global(50), "wake")).toBeCloseTo(Math.log(alpha[0] + alpha[1]), 2);
  });

  test("weighs coins by their prior, given the latents before", () => {
    const p: Model = ({ sample, observe }) => {
      const first = sample("first", bernoulli({ probs: 0.3 }));
      const second = sample("second", bernoulli({ logits: first.mul(3).sub(1) }));
      observe("y", normal(second, 0.5), constant(0.8));
    };
    const density = (y: number) =>
      Math.exp(-0.5 * ((0.8 - y) / 0.5) ** 2) / (0.5 * Math.sqrt(2 * Math.PI));
    const one = 0.3 / (1 + Math.exp(-2)) + 0.7 / (1 + Math.exp(1));
    const evidence = Math.log(one * density(1) + (1 - one) * density(0));
    const guide = automaticGuide(p, structured());
    expect(bound(p, guide, global(50), "wake")).toBeCloseTo(evidence, 2);
  });

  test("has the parameters of the mean field for other families", () => {
    const p = model(({ sample, plate }) => {
      const rate = sample("rate", halfNormal(1));
      plate(group, () => void sample("wait", gamma(2, rate)));
    });
    const store = paramStore();
    trace(automaticGuide(p, structured()), undefined, draw(key(0)), store);
    expect(store.list().map(({ name }) => name)).toEqual([
      ...["rate.mean", "rate.logSd", "wait.mean", "wait.logSd"],
    ]);
  });
});
