/** k-hat and log evidence of fits: known answers, and what is not said. */

import { describe, expect, test } from "vitest";
import {
  gamma,
  halfNormal,
  improperUniform,
  normal,
  poisson,
  REAL,
} from "../../../src/distributions/index.ts";
import {
  fit,
  type MethodName,
  reliabilityWarnings,
  samplePosterior,
  summarise,
} from "../../../src/inference/index.ts";
import { type Model, model, paramStore } from "../../../src/model/index.ts";
import { zeros } from "../../../src/nn/index.ts";
import { adam } from "../../../src/optim/index.ts";
import { constant, tensor } from "../../../src/tensor/index.ts";
import { EFFECTS, ERRORS, effects, errors, school } from "../../eightSchools.ts";
import { all, logEvidence, oneMean } from "../gaussians.ts";

const reliabilityOf = (method: MethodName, seed = 1) =>
  samplePosterior(fit({ model: oneMean, data: all, method, steps: 2000, seed }), { seed })
    .reliability ?? {};

test.each<MethodName>(["vi", "iwae", "mp", "laplace"])(
  "%s knows the evidence of a conjugate model, with its error, and covers the posterior",
  (method) => {
    const { evidence, kHat = Number.NEGATIVE_INFINITY } = reliabilityOf(method);
    expect(evidence?.isBound).toBe(false);
    const { value = Number.NaN, standardError = 0 } = evidence ?? {};
    // The guide is nearly the posterior, so that all weights are nearly the evidence.
    expect(Math.abs(value - logEvidence)).toBeLessThan(5 * standardError + 1e-6);
    expect(standardError).toBeLessThan(0.01);
    expect(kHat).toBeLessThan(0.7);
  },
);

describe("eight schools", () => {
  const schools = model(({ sample, observe, plate }) => {
    const mean = sample("mean", normal(0, 5));
    const spread = sample("spread", halfNormal(5));
    plate(school, () => {
      const z = sample("z", normal(0, 1));
      observe("effect", normal(mean.add(spread.mul(z)), errors), effects);
    });
  });

  test("the evidence is the same by iwae over seeds, within its error", () => {
    for (const seed of [1, 2, 3]) {
      const { reliability } = samplePosterior(
        fit({ model: schools, data: undefined, method: "iwae", steps: 3000, seed }),
        { seed },
      );
      const { value = 0, standardError = 0 } = reliability?.evidence ?? {};
      // By quadrature over mean and spread, with the effects summed out.
      expect(Math.abs(value + EVIDENCE)).toBeLessThan(5 * standardError);
      expect(standardError).toBeLessThan(0.03);
    }
  });
});

/** Minus the log evidence of eight schools with priors normal(0, 5) and half normal(5), by quadrature. */
const EVIDENCE = evidenceByQuadrature();

function evidenceByQuadrature(): number {
  const [y, s] = [EFFECTS, ERRORS];
  const density = (x: number, sd: number) =>
    Math.exp(-0.5 * (x / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI));
  let sum = 0;
  const [dm, dt] = [0.1, 0.1];
  for (let m = -35; m <= 35; m += dm) {
    for (let t = dt / 2; t <= 35; t += dt) {
      const likelihood = y.reduce((p, yi, i) => p * density(yi - m, Math.hypot(s[i], t)), 1);
      sum += dm * dt * density(m, 5) * 2 * density(t, 5) * likelihood;
    }
  }
  return -Math.log(sum);
}

test("priors without a finite integral have no evidence", () => {
  const flat: Model<undefined> = ({ sample, observe }) => {
    const z = sample("z", improperUniform(REAL));
    observe("x", normal(z, 1), tensor(2));
  };
  const found = samplePosterior(
    fit({ model: flat, data: undefined, steps: 500, optimiser: adam(0.05) }),
  );
  expect(found.logEvidence).toBeUndefined();
  expect(found.reliability?.kHat).toBeDefined();
});

test("a guide that has not come to the posterior is told", () => {
  const far: Model<undefined> = ({ sample, observe }) => {
    const z = sample("z", normal(0, 10));
    observe("x", normal(z, 0.1), tensor(25));
  };
  const guide: Model<undefined> = ({ sample, param }) => {
    sample("z", normal(param("at", [], { init: zeros }), 1));
  };
  const { reliability = {} } = samplePosterior(
    fit({ model: far, guide, data: undefined, steps: 1 }),
  );
  expect(reliability.kHat).toBeGreaterThan(0.7);
  expect(reliabilityWarnings(reliability)[0]).toMatch(/^k-hat is .* does not cover the posterior/);
  expect(reliability.evidence?.isBound).toBe(true);
});

describe("approximations of another shape than the posterior", () => {
  const p = model(
    ({ sample, observe, plate }) => {
      const mean = sample("mean", normal(0, 5));
      const spread = sample("spread", halfNormal(5));
      plate(school, () => {
        const z = sample("z", normal(0, 1));
        observe("effect", normal(mean.add(spread.mul(z)), errors), effects);
      });
    },
    { dtype: "float64" },
  );

  test.each([1, 2, 3])(
    "laplace takes the moments of its weighted draws, where weights have a tail (seed %i)",
    (seed) => {
      const { sites, reliability = {} } = samplePosterior(
        fit({ model: p, data: undefined, method: "laplace", seed }),
        { seed },
      );
      expect(reliabilityWarnings(reliability)).toEqual([]);
      // 16000 draws of NUTS say 3.28, with the sd 2.46.
      const drawn = { draws: 1000, sites: { spread: sites.spread }, together: 10 };
      const [{ mean, sd, ess = 0 }] = summarise(drawn);
      expect(Math.abs(mean - 3.28) / 2.46).toBeLessThan(4 / Math.sqrt(ess));
      expect(Math.abs(Math.log(sd / 2.46))).toBeLessThan(0.1 + 4 / Math.sqrt(ess));
    },
  );

  // y given z has the sd 1, and z | y the sd 0.71.
  const conjugate = model(
    ({ sample, observe }) => {
      const z = sample("z", normal(0, 1));
      observe("y", normal(z, 1), constant(1.2));
    },
    { dtype: "float64" },
  );
  const byGuide = (mean: number, sd: number) =>
    samplePosterior({
      ...{ model: conjugate, data: undefined, store: paramStore(), parameters: {}, state: {} },
      guide: model(({ sample }) => sample("z", normal(mean, sd)), { dtype: "float64" }),
      ...{ dtype: "float64", posterior: "guide" },
    }).reliability ?? {};

  test.each([
    ["too wide", 0.6, 1.2, /the standard deviation of 'z' is 1.7\d times the right one/],
    ["too narrow", 0.6, 0.5, /k-hat|the standard deviation of 'z' is 0.[67]\d times/],
    ["beside it", 1.1, 0.71, /k-hat|the mean of 'z' is 0.[67] standard deviations off/],
  ])("a guide that is %s warns", (_, mean, sd, words) => {
    expect(reliabilityWarnings(byGuide(mean, sd)).join()).toMatch(words);
  });

  test("a guide that is the posterior does not", () => {
    expect(reliabilityWarnings(byGuide(0.6, Math.SQRT1_2))).toEqual([]);
    expect(reliabilityWarnings(byGuide(0.65, 0.75))).toEqual([]);
  });
});

describe("a posterior that no normal is like, gamma(3, 4)", () => {
  // In unconstrained space, of the logarithm of the rate, it is skewed to the left.
  const skewed = model(
    ({ sample, observe }) => {
      const rate = sample("rate", gamma(1, 2));
      observe("count", poisson(rate.mul(2)), constant(2));
    },
    { dtype: "float64" },
  );

  test.each<MethodName>(["vi", "structured", "laplace"])("%s weighs its draws", (method) => {
    const fitted = fit({ model: skewed, data: undefined, method });
    const [rate] = summarise(samplePosterior(fitted, { draws: 4000 }));
    const { ess = 0 } = rate;
    expect(ess).toBeGreaterThan(2000);
    const noise = 4 / Math.sqrt(ess);
    expect(Math.abs(rate.mean - 0.75)).toBeLessThan(noise * 0.433);
    expect(Math.abs(Math.log(rate.sd / 0.433))).toBeLessThan(noise);
    // The density at this quantile is 0.59.
    expect(Math.abs(rate.q5 - 0.2044)).toBeLessThan(
      (4 * Math.sqrt(0.05 * 0.95)) / 0.59 / Math.sqrt(ess),
    );
  });
});

describe("two modes that are alike", () => {
  const square: Model<undefined> = ({ sample, observe }) => {
    const z = sample("z", normal(0, 5));
    observe("square", normal(z.mul(z), 2), constant(16));
  };

  test.each<MethodName>(["vi", "pathfinder"])("%s says that it is at one of them", (method) => {
    const { reliability = {} } = samplePosterior(fit({ model: square, data: undefined, method }));
    expect(reliability.missed?.name).toBe("z");
    expect(Math.abs(reliability.missed?.value ?? 0)).toBeCloseTo(4, 0);
    expect(reliability.missed?.share).toBeCloseTo(0.5, 1);
    expect(reliabilityWarnings(reliability).join()).toMatch(
      /another mode, where 'z' is near -?[34]/,
    );
  });
});
