/** How gradients spread: against closed forms of a conjugate model. */
import { expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { gradientDiagnostics, particles } from "../../../src/inference/index.ts";
import { type Model, paramStore } from "../../../src/model/index.ts";
import { constantInit } from "../../../src/nn/index.ts";
import { exp } from "../../../src/tensor/index.ts";
import { FIVE_SIGMA } from "../../distributions/values.ts";
import { f64 } from "../gaussians.ts";

const DRAWS = 4000;

/** z ~ normal(0, 1), and nothing seen: the posterior is the prior. */
const model: Model = ({ sample }) => {
  sample("z", normal(f64(0), 1));
};
const guide: Model = ({ sample, param }) => {
  const mean = param("mean", [], { init: constantInit(0), dtype: "float64" });
  const logSd = param("logSd", [], { init: constantInit(0), dtype: "float64" });
  sample("z", normal(mean, exp(logSd)));
};

const of = (gradient: "total" | "path", mean: number, logSd: number) =>
  gradientDiagnostics({
    ...{ model, guide, data: undefined, parameters: paramStore(), draws: DRAWS, gradient },
    values: { mean: { data: Float64Array.of(mean) }, logSd: { data: Float64Array.of(logSd) } },
  });

test("where q is the posterior the path derivative is zero for each draw, and the total one is noise", () => {
  const path = of("path", 0, 0);
  for (const { mean, variance, norm } of Object.values(path)) {
    expect([Math.abs(mean[0]), variance[0], norm]).toEqual([0, 0, 0]);
  }
  // By the mean -z + e - e: -e of variance 1; by logSd 1 - e^2, of variance 2.
  const total = of("total", 0, 0);
  expect(Math.abs(total.mean.mean[0])).toBeLessThan(FIVE_SIGMA / Math.sqrt(DRAWS));
  expect(Math.abs(total.mean.variance[0] - 1)).toBeLessThan(FIVE_SIGMA * Math.sqrt(2 / DRAWS));
  expect(Math.abs(total.logSd.variance[0] - 2)).toBeLessThan(FIVE_SIGMA * Math.sqrt(56 / DRAWS));
  expect(Math.abs(total.mean.cosine)).toBeLessThan(FIVE_SIGMA / Math.sqrt(DRAWS));
  // E|e|
  expect(Math.abs(total.mean.norm - Math.sqrt(2 / Math.PI))).toBeLessThan(
    FIVE_SIGMA / Math.sqrt(DRAWS),
  );
});

test("far from it the means agree, and the direction shows", () => {
  const [path, total] = [of("path", 3, 0), of("total", 3, 0)];
  for (const { mean } of [path.mean, total.mean]) {
    // -E[z] = -3
    expect(Math.abs(mean[0] + 3)).toBeLessThan(FIVE_SIGMA / Math.sqrt(DRAWS));
  }
  // d (log p - log q) / dz = -z + (z - 3)
  expect(path.mean.variance[0]).toBeCloseTo(0, 20);
  expect(path.mean.cosine).toBeCloseTo(1, 12);
  expect(total.mean.cosine).toBeGreaterThan(0.9);
});

test("few draws and parameters that are missing are refused", () => {
  const given = { model, guide, data: undefined, parameters: paramStore() };
  expect(() => gradientDiagnostics({ ...given, values: {}, draws: 1 })).toThrow(/draws/);
  expect(() =>
    gradientDiagnostics({ ...given, values: {}, particles: particles.single() }),
  ).toThrow(/'mean', 'logSd' missing/);
});
