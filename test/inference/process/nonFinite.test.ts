/** What is said where the bound is no finite number: the site, the quantity, and what it must be. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  binomial,
  type Distribution,
  improperUniform,
  lognormal,
  multivariateNormal,
  normal,
  poisson,
  REAL,
  uniform,
} from "../../../src/distributions/index.ts";
import {
  automaticGuide,
  logDensity,
  type MethodName,
  meanField,
  fit as train,
} from "../../../src/inference/index.ts";
import { type Model, model } from "../../../src/model/index.ts";
import { constantInit } from "../../../src/nn/index.ts";
import { sgd } from "../../../src/optim/index.ts";
import {
  axis,
  cholesky,
  constant,
  exp,
  index,
  log,
  select,
  sum,
  type Tensor,
  tensor,
} from "../../../src/tensor/index.ts";

const row = axis("row", 3);

/** Fits z ~ normal(0, 1) and rows that come from a distribution made of it. */
const fitted =
  (of: (z: Tensor) => Distribution, rate = 0) =>
  () => {
    const p: Model<undefined> = model(({ sample, observe, plate }) => {
      const z = sample("z", normal(0, 1));
      plate(row, () => observe("y", of(z), tensor([1, 0, 1], [row])));
    });
    const guide = automaticGuide(p, meanField());
    return train({ model: p, guide, data: undefined, optimiser: sgd(rate), steps: 20, records: 2 });
  };

describe("a bound that is not finite", () => {
  test("names the parameter that left its set, and what it must be", () => {
    expect(fitted((z) => normal(0, z.sub(5)))).toThrow(
      /^at step 1 the bound is NaN: site 'y': the sd of its normal is -[45]\.\d+; it must be greater than 0 and finite\. Make it of what is so, such as exp/,
    );
    expect(fitted((z) => poisson(z.sub(tensor([5, -5, 5], [row]))))).toThrow(
      /site 'y': the rate of its poisson is -[45]\.\d+ at row 1 \(outside in 2 of 3 elements\); it must be at least 0 and finite\. Make it of what is so, such as exp\(\.\.\.\) or a halfNormal latent$/,
    );
    expect(fitted((z) => bernoulli({ probs: z.add(5) }))).toThrow(
      /site 'y': the logit log\(p \/ \(1 - p\)\) of its bernoulli is .*; it must be a finite number/,
    );
  });

  test("names latents with improper priors, for the posterior may be improper", () => {
    const p: Model<undefined> = ({ sample, observe }) => {
      const z = sample("z", improperUniform(REAL));
      observe("y", normal(0, z.sub(5)), constant(1));
    };
    const guide = automaticGuide(p, meanField());
    expect(() => {
      train({ model: p, guide, data: undefined, optimiser: sgd(0), steps: 20, records: 2 });
    }).toThrow(
      /sd of its normal is -[45].*prior of 'z' has no finite integral.*improper.*proper prior/,
    );
  });

  test("names the observed value that no draw can be", () => {
    const p: Model<undefined> = model(({ observe, param, plate }) => {
      const rate = param("rate", [], { init: constantInit(2) });
      plate(row, () => observe("y", poisson(rate), tensor([1, 0, 1], [row]).sub(0.5)));
    });
    const options = { data: undefined, optimiser: sgd(0), steps: 1 };
    expect(() => train({ ...options, model: p, guide: () => {} })).toThrow(
      /site 'y': the observed value is 0\.5 at row 1 \(outside in 3 of 3 elements\); it must be a whole number of at least 0\. Mend the data/,
    );
  });

  test.each<[string, MethodName, Model<undefined>, RegExp]>([
    [
      "a count that more are seen of",
      "rws",
      ({ sample, observe }) => {
        observe("y", binomial(sample("n", poisson(1)), { probs: 0.5 }), 20);
      },
      /site 'y': the observed value is 20.*The bound is made of latent 'n': with an end, truncated\(d, { upper }\), that is summed out; else take more particles$/,
    ],
    [
      "an end that data lie beyond",
      "vi",
      ({ sample, observe }) => {
        observe("y", uniform(0, sample("end", lognormal(0, 0.1))), 20);
      },
      /site 'y': the observed value is 20.*The bound is made of latent 'end': keep that to where the data are possible, such as truncated\(d, { lower, upper }\)$/,
    ],
  ])("names the latent that bounds what data can be: %s", (_, method, p, message) => {
    expect(() => train({ model: p, data: undefined, method, steps: 1, seed: 1 })).toThrow(message);
  });

  test("names the first cause, at its step", () => {
    // By steps far too large the guide's sd overflows, and all that depends on it.
    expect(fitted((z) => normal(exp(z), 0.01), 1e3)).toThrow(
      /^at step \d the bound is .*: site 'z': the .* of its normal is .*try a smaller learning rate$/,
    );
  });

  test("calls the log density of a search for the mode by its name", () => {
    const p: Model<undefined> = model(({ sample, observe }) => {
      observe("y", normal(0, sample("z", normal(0, 1)).sub(5)), constant(1));
    });
    expect(() => train({ model: p, data: undefined, method: "map", steps: 3 })).toThrow(
      /^at step 1 the log density is NaN: site 'y': the sd of its normal is -5/,
    );
  });

  test("says which sites are not finite where nothing left its set", () => {
    expect(fitted((z) => normal(log(z.mul(0)).mul(0).add(1e30), 1e-30))).toThrow(/site 'y'/);
  });
});

describe("a matrix whose Cholesky factor does not exist", () => {
  const [i, j] = [axis("point", 4), axis("other point", 4)];
  const isDiagonal = index(i).eq(index(j));
  /** 1 on the diagonal and `beside` elsewhere: positive definite for -1/3 < beside < 1. */
  const matrix = (beside: Tensor) => select(isDiagonal, constant(1), beside);
  const fit = (statements: Parameters<typeof model<undefined>>[0]) => () => {
    const p = model<undefined>(statements);
    return train({ model: p, data: undefined, optimiser: sgd(0), steps: 2 });
  };
  const y = tensor([1, 2, 3, 4], [i]);

  test("is told with the site, the axes, the order of the minor and what to do", () => {
    const correlated = (beside: number) =>
      fit(({ sample, observe }) => {
        const covariance = matrix(sample("z", normal(0, 1)).mul(0).add(beside));
        observe("y", multivariateNormal(constant(0), { covariance }, i, j), y);
      });
    expect(correlated(2)).toThrow(
      "at step 1 the bound is NaN: site 'y': cholesky of the covariance of its multivariateNormal over " +
        "{point: 4, other point: 4}: the leading minor of order 2 is not positive at average 1 " +
        "(outside in 10 of 10 elements); it must be symmetric and positive definite. Where only rounding is to blame, add a small number to its diagonal, such as 1e-6 " +
        "times its mean",
    );
    expect(correlated(-0.4)).toThrow(/the leading minor of order 4 is not positive/);
  });

  test("is told of factors that the model makes, with the place in a batch", () => {
    const made = fit(({ sample, observe, plate }) => {
      const beside = tensor([0.5, -0.6, 2], [row]).add(sample("z", normal(0, 1)).mul(0));
      const l = cholesky(matrix(beside), i, j);
      plate(row, () => observe("y", normal(sum(l, i, j), 1), tensor([1, 2, 3], [row])));
    });
    expect(made).toThrow(
      /site 'y': cholesky of a matrix over \{point: 4, other point: 4\}: the leading minor of order 3 is not positive at row 2, average 1 \(outside in 20 of 30 elements\); it must be symmetric/,
    );
  });

  test("is told of an element that is not finite", () => {
    const made = fit(({ sample, observe }) => {
      const z = sample("z", normal(0, 1));
      const covariance = matrix(log(z.mul(0).sub(1)));
      observe("y", multivariateNormal(constant(0), { covariance }, i, j), y);
    });
    expect(made).toThrow(
      /site 'y': an element of the operand of cholesky of the covariance of its multivariateNormal over \{point: 4, other point: 4\} is NaN at other point 1, point 2, average 1 \(outside in 60 of 160 elements\); it must be finite\. Look for/,
    );
  });

  test("is told of a position of a sampler, too", () => {
    const p = model<undefined>(({ sample, observe }) => {
      const covariance = matrix(sample("z", normal(0, 1)));
      observe("y", multivariateNormal(constant(0), { covariance }, i, j), y);
    });
    const density = logDensity(p, undefined);
    expect(() => density.checkFinite(Float64Array.of(-0.9))).toThrow(
      /at this position the log density is NaN: site 'y': cholesky of .* the leading minor of order 3 is not positive/,
    );
  });
});
