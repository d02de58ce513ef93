import { describe, expect, test } from "vitest";
import { halfNormal, lognormal, normal } from "../../../src/distributions/index.ts";
import {
  logDensity,
  samplePosterior,
  summarise,
  fit as train,
} from "../../../src/inference/index.ts";
import { laplaceApproximation, reached } from "../../../src/inference/internal.ts";
import { cholesky, inverseTransposed, solve } from "../../../src/inference/statistics/linear.ts";
import { type Model, model } from "../../../src/model/index.ts";
import { adam, stepDecay } from "../../../src/optim/index.ts";
import { axis, constant, tensor } from "../../../src/tensor/index.ts";

/** Laplace's approximation after a few steps of Adam. */
function laplace(p: Model<undefined, unknown>, steps = 20) {
  const fitted = train({
    model: p,
    data: undefined,
    method: "laplace",
    steps,
    optimiser: adam(0.1),
  });
  const density = logDensity(p, undefined, { dtype: fitted.dtype });
  const approximation = laplaceApproximation(density, reached(density, fitted.state));
  return { approximation, samples: () => samplePosterior(fitted, { draws: 4000, seed: 2 }) };
}

describe("Laplace's approximation", () => {
  test("is exact where the posterior is normal: moments, correlation and evidence", () => {
    const row = axis("row", 3);
    const x = tensor([0, 1, 2], [row], "float64");
    const y = tensor([1, 3, 4], [row], "float64");
    const p = model(({ sample, observe, plate, deterministic }) => {
      const a = sample("a", normal(constant(0, "float64"), 10));
      const b = sample("b", normal(constant(0, "float64"), 10));
      deterministic("sum", a.add(b));
      plate(row, () => observe("y", normal(a.add(b.mul(x)), 1), y));
    });
    const { approximation, samples } = laplace(p);
    expect(samples().logEvidence).toBeCloseTo(approximation.logEvidence, 12);
    // Precision P = X'X + I/100, mean P^-1 X'y.
    const [paa, pab, pbb] = [3.01, 3, 5.01];
    const det = paa * pbb - pab * pab;
    const mean = [(pbb * 8 - pab * 11) / det, (paa * 11 - pab * 8) / det];
    const quadratic = 26 - (mean[0] * 8 + mean[1] * 11);
    const evidence =
      -1.5 * Math.log(2 * Math.PI) - 2 * Math.log(10) - 0.5 * Math.log(det) - 0.5 * quadratic;
    expect(approximation.mode[0]).toBeCloseTo(mean[0], 8);
    expect(approximation.mode[1]).toBeCloseTo(mean[1], 8);
    expect(approximation.logEvidence).toBeCloseTo(evidence, 8);

    const [a, b, both] = summarise(samples());
    const sds = [pbb / det, paa / det, (pbb + paa - 2 * pab) / det].map(Math.sqrt);
    [a, b, both].forEach(({ mean: found, sd }, i) => {
      const expected = i < 2 ? mean[i] : mean[0] + mean[1];
      expect(Math.abs(found - expected)).toBeLessThan((4 * sds[i]) / Math.sqrt(4000));
      expect(Math.abs(sd / sds[i] - 1)).toBeLessThan(4 / Math.sqrt(8000));
    });
    expect(both.site).toBe("sum");
  });

  test("names the trouble where there is no peak", () => {
    const p = model(({ sample, observe }) => {
      const [u, v] = [sample("u", normal(0, 1)), sample("v", normal(0, 1))];
      observe("y", normal(u.mul(v), 0.1), constant(3));
    });
    expect(() => laplace(p, 1)).toThrow(/laplace: the log density has no maximum/);
  });

  test("refuses more unconstrained parameters than a Hessian is made for", () => {
    const many = axis("many", 1001);
    const p = model(({ sample }) => void sample("w", normal(0, 1).event(many)));
    expect(() => laplace(p)).toThrow(/1001 unconstrained parameters/);
  });
});

describe("the most probable values are refused where there are none, by the latent that runs away", () => {
  const group = axis("group", 4);
  const y = tensor([1, 2, -1, 0.5], [group]);
  const centred: Model<undefined, unknown> = ({ sample, observe, plate }) => {
    const mean = sample("mean", normal(0, 1));
    const spread = sample("spread", halfNormal(1));
    plate(group, () => observe("y", normal(sample("z", normal(mean, spread)), 1), y));
  };
  const scaled: Model<undefined, unknown> = ({ sample, observe, plate }) => {
    const mean = sample("mean", normal(0, 1));
    const spread = sample("spread", lognormal(0, 0.5));
    plate(group, () => observe("y", normal(mean.add(spread.mul(sample("z", normal(0, 1)))), 1), y));
  };

  /** Where some steps of Adam end. */
  function check(p: Model<undefined, unknown>, steps: number) {
    const optimiser = adam(stepDecay(0.05, { every: 100, factor: 0.7 }));
    const fitted = train({ model: p, data: undefined, method: "map", steps, optimiser });
    return () => samplePosterior(fitted);
  }

  test("a spread that goes to 0 with the latents around their mean", () => {
    expect(check(centred, 2000)).toThrow(
      /map: the log density has no maximum where the search ended, and rises along latent 'spread'\./,
    );
    expect(() => laplace(centred, 1000)).toThrow(
      /laplace: the log density has no maximum .* rises along latent 'spread'.* choose vi or structured/,
    );
  });

  test("not a search that is short: Newton steps go on from where it ended", () => {
    expect(check(scaled, 5)).not.toThrow();
    expect(check(scaled, 1500)).not.toThrow();
  });
});

test("factors of a symmetric matrix", () => {
  const a = Float64Array.of(4, 2, 0.5, 2, 3, 1, 0.5, 1, 2);
  const root = cholesky(a, 3) as Float64Array;
  const x = solve(root, Float64Array.of(1, 2, 3));
  [1, 2, 3].forEach((b, i) => {
    expect(a[3 * i] * x[0] + a[3 * i + 1] * x[1] + a[3 * i + 2] * x[2]).toBeCloseTo(b, 12);
  });
  const m = inverseTransposed(root, 3);
  const inverse = (i: number, j: number) =>
    m[3 * i] * m[3 * j] + m[3 * i + 1] * m[3 * j + 1] + m[3 * i + 2] * m[3 * j + 2];
  for (const i of [0, 1, 2]) {
    for (const j of [0, 1, 2]) {
      const product = [0, 1, 2].reduce((total, k) => total + a[3 * i + k] * inverse(k, j), 0);
      expect(product).toBeCloseTo(i === j ? 1 : 0, 12);
    }
  }
  expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined();
});
