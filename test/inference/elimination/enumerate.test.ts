/** Discrete latents by their values: the same numbers as by their particles, from less work. */
import { describe, expect, test } from "vitest";
import { bernoulli, categorical, normal } from "../../../src/distributions/index.ts";
import {
  bound,
  eliminate,
  factorsOf,
  GRADIENTS,
  massivelyParallel,
  posterior,
  sumOverPlates,
  traceModelAndGuide,
} from "../../../src/inference/internal.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, gather, grad, input, key, sum, tensor } from "../../../src/tensor/index.ts";
import { type Inputs, valuesOf } from "../../distributions/values.ts";
import { range } from "../elements.ts";
import { f64, store } from "../gaussians.ts";
import { combinations, normalise, small, smallDraws, smallGuide } from "../small.ts";

const K = 6;
const particles = massivelyParallel(K);
const [datum, level] = [axis("datum", 3), axis("level", 3)];
const x = tensor([0.3, -1, 1.4], [datum], "float64");
const slope = input("slope", [], "float64");
const inputs: Inputs = { slope: Float64Array.of(0.7) };

/** A mixture of Gaussians: a component for each datum, with the means unknown. */
const mixture: Model = ({ sample, observe, plate }) => {
  const means = sample("means", normal(f64(0), 1).event(level));
  plate(datum, () => {
    const component = sample("component", categorical(tensor([1, 2, 3], [level], "float64")));
    observe("x", normal(gather(means, level, component).mul(slope), 0.5), x);
  });
};
const mixtureGuide: Model = ({ sample, plate }) => {
  const means = sample("means", normal(f64(0.2), 0.8).event(level));
  plate(datum, () => {
    sample("component", categorical({ logits: means.mul(slope) }, level));
  });
};

/** Switches of which only the sum outside their plate is seen, beside what each does. */
const switches: Model = ({ sample, observe, plate }) => {
  const on = plate(datum, () => {
    const on = sample("on", bernoulli({ logits: slope }));
    observe("x", normal(on, 1), x);
    return on;
  });
  observe("total", normal(sum(on, datum), 0.5), f64(2));
};
const switchesGuide: Model = ({ sample, plate }) => {
  plate(datum, () => sample("on", bernoulli({ logits: x.mul(slope) })));
};

const MODELS: Record<string, [Model, Model]> = {
  "of a model": [small, smallGuide],
  "in a plate": [mixture, mixtureGuide],
  "eliminated outside their plate": [switches, switchesGuide],
};

describe.each(Object.entries(MODELS))("%s", (_, [model, guide]) => {
  const options = { model, guide, data: undefined, key: key(3), parameters: store() };
  const found = bound({ ...options, particles, gradient: "wake" });
  const traces = traceModelAndGuide({ ...options }, particles);
  const plain = eliminate(factorsOf(traces, "sampled", GRADIENTS.wake), traces.particles);

  test("the estimate and its derivatives are the same, with fewer terms", () => {
    const both = [found.bound, sumOverPlates(plain.weights)];
    const [[a], [b], [da], [db]] = valuesOf(
      [...both, ...both.map((y) => grad(y, [slope])[0])],
      inputs,
    );
    expect(a).toBeCloseTo(b, 11);
    expect(da).toBeCloseTo(db, 11);
    const terms = (steps: typeof plain.steps) => steps.reduce((n, step) => n + step.cost, 0);
    expect(terms(found.elimination.steps)).toBeLessThanOrEqual(terms(plain.steps));
  });

  test("so are the weights, which stand for particles", () => {
    const weights = posterior({ ...options, particles });
    for (const { name } of traces.guide.latents) {
      const [of] = traces.particles.filter(({ latents }) => latents.includes(name));
      expect(weights.weights(name).has(of.axis)).toBe(true);
    }
  });
});

test("30 particles of a latent with three values are three cases", () => {
  const options = { model: small, guide: smallGuide, data: undefined, parameters: store() };
  const { elimination } = bound({
    ...options,
    key: key(1),
    particles: massivelyParallel(30),
    gradient: "none",
  });
  expect(elimination.steps[0].cost).toBe(30 * 30 * 3 * 2);
});

test("weights and joint draws of the small model are those of all combinations", () => {
  const options = { model: small, guide: smallGuide, data: undefined, parameters: store() };
  const traces = traceModelAndGuide({ ...options, key: key(7) }, particles);
  const all = combinations(smallDraws(traces));
  const { weights } = normalise(all);
  const found = posterior({ ...options, key: key(7), particles });
  const to = axis("draw", 20_000);
  const [psi, drawn] = valuesOf([found.weights("psi"), found.draws(to, key(8)).psi]);
  const values = smallDraws(traces).psi;
  for (const k of range(K)) {
    const expected = all.reduce((s, c, i) => s + (c.psi === k ? weights[i] : 0), 0);
    expect(psi[k]).toBeCloseTo(expected, 11);
  }
  for (const level of range(3)) {
    const p = psi.reduce((s, w, k) => s + (values[k] === level ? w : 0), 0);
    const share = drawn.filter((v) => v === level).length / to.size;
    expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / to.size) + 1e-12);
  }
});
