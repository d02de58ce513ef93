/**
 * A random walk of two steps, seen at its end, with a guide whose second latent has the first as its
 * parent: the smallest model in which it matters which parents particles have.
 */
import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import {
  eliminate,
  factorsOf,
  type ModelAndGuideTraces,
  massivelyParallel,
  type Parents,
  sumOverPlates,
  traceModelAndGuide,
} from "../../../src/inference/internal.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, fold, index, key } from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError } from "../../distributions/values.ts";
import { f64, store } from "../gaussians.ts";
import { run } from "../hierarchy.ts";

const Y = 1.2;
const STEP = Math.SQRT1_2;

const walk: Model = ({ sample, observe }) => {
  const first = sample("first", normal(f64(0), STEP));
  const second = sample("second", normal(first, STEP));
  observe("y", normal(second, 1), f64(Y));
};
const rough: Model = ({ sample }) => {
  const first = sample("first", normal(f64(0.3), 0.8));
  sample("second", normal(first.mul(-0.4).add(0.8), 0.8));
};
const prior: Model = ({ sample }) => {
  sample("second", normal(sample("first", normal(f64(0), STEP)), STEP));
};

const evidence = Math.exp((-0.5 * Y * Y) / 2) / Math.sqrt(2 * Math.PI * 2);

const traced = (guide: Model, parents: Parents): ModelAndGuideTraces =>
  traceModelAndGuide(
    {
      model: walk,
      guide,
      data: undefined,
      key: fold(key(1), index(axis("rep", 40_000))),
      parameters: store(),
    },
    massivelyParallel(3, { parents }),
  );

const estimates = (traces: ModelAndGuideTraces, factors = factorsOf(traces)) => {
  const { weights } = eliminate(factors, traces.particles);
  return run({ b: sumOverPlates(weights) }).b;
};

/** The factors with the density of each draw given one parent, paired with particles as in the model. */
const pairwise = ({ model, guide: q }: ModelAndGuideTraces) => [
  ...model.latents.map((p, i) => ({
    site: p.name,
    value: p.logProb().sub(q.latents[i].logProb()),
    plates: [],
  })),
  ...model.observed.map((x) => ({ site: x.name, value: x.logProb(), plates: [] })),
];

describe("a guide with latent parents", () => {
  test.each(["permuted", "independent"] as const)("%s: the mixture is unbiased", (parents) => {
    const { mean, error } = meanAndError(
      estimates(traced(rough, parents)).map((b) => Math.exp(b) / evidence),
    );
    expect(Math.abs(mean - 1)).toBeLessThan(FIVE_SIGMA * error);
    expect(error).toBeLessThan(0.005);
  });

  test.each(["permuted", "independent"] as const)("%s: the pairwise density is not", (parents) => {
    const traces = traced(rough, parents);
    const { mean, error } = meanAndError(
      estimates(traces, pairwise(traces)).map((b) => Math.exp(b) / evidence),
    );
    expect(Math.abs(mean - 1)).toBeGreaterThan(2 * FIVE_SIGMA * error);
  });

  test("coupling the particles to their parents lowers the variance", () => {
    const [coupled, independent] = (["permuted", "independent"] as const).map((parents) =>
      estimates(traced(prior, parents)),
    );
    const spread = (xs: readonly number[]) => {
      const { mean } = meanAndError(xs);
      return meanAndError(xs.map((x) => (x - mean) ** 2));
    };
    const [a, b] = [spread(coupled), spread(independent)];
    expect(b.mean - a.mean).toBeGreaterThan(FIVE_SIGMA * Math.hypot(a.error, b.error));
  });
});
