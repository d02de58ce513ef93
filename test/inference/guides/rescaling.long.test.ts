/** Units do not matter: scaled and shifted covariates and outcomes of linear models give the same posteriors. */
import { describe, expect, test } from "vitest";
import { improperUniform, normal, POSITIVE, REAL } from "../../../src/distributions/index.ts";
import { fit, type MethodName, samplePosterior, summarise } from "../../../src/inference/index.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, key, standardNormal, tensor } from "../../../src/tensor/internal.ts";
import { numbersOf } from "../../cases/case.ts";

const row = axis("row", 40);

/** Covariate and noise of a model, from a number. */
function randomNumbers(seed: number) {
  const [x, noise] = [1, 2].map((k) => numbersOf(standardNormal(key(10 * seed + k), [row])));
  const y = Float64Array.from(x, (each, i) => 2 - 0.7 * each + 0.5 * noise[i]);
  return { x: Float64Array.from(x), y };
}

const regression =
  (x: Float64Array, y: Float64Array): Model<undefined, unknown> =>
  ({ sample, observe, plate }) => {
    const a = sample("a", improperUniform(REAL));
    const b = sample("b", improperUniform(REAL));
    const s = sample("s", improperUniform(POSITIVE));
    const at = a.add(b.mul(tensor([...x], [row])));
    plate(row, () => observe("y", normal(at, s), tensor([...y], [row])));
  };

/** Mean and standard deviation of slope and noise, in units of x and y. */
function posterior(x: Float64Array, y: Float64Array, method: MethodName) {
  const options = { model: regression(x, y), data: undefined, dtype: "float64", method } as const;
  const rows = summarise(samplePosterior(fit(options), { draws: 2000 }));
  return rows.filter(({ site }) => site !== "a").map(({ mean, sd }) => ({ mean, sd }));
}

const CHANGES = [
  [1e-6, 0, 1, 0],
  [1e6, 0, 1, 0],
  [1, 0, 1e-6, 0],
  [1, 0, 1e6, 0],
  [1, 1e3, 1, 0],
  [1, 0, 1, 1e6],
  [1e4, -1e3, 1e-3, 1e2],
] as const;

describe.each<MethodName>(["vi", "iwae"])("%s of a regression", (method) => {
  test.each(CHANGES)("with x scaled by %d and shifted by %d, y by %d and %d", (...change) => {
    const [kx, dx, ky, dy] = change;
    const { x, y } = randomNumbers(1);
    const known = posterior(x, y, method);
    const found = posterior(
      x.map((each) => kx * (each + dx)),
      y.map((each) => ky * (each + dy)),
      method,
    );
    const units = [ky / kx, ky];
    known.forEach(({ mean, sd }, i) => {
      // 0.1 standard deviations, and the Monte Carlo error of 2000 draws of each.
      expect(Math.abs(found[i].mean / units[i] - mean) / sd).toBeLessThan(
        0.1 + 3 / Math.sqrt(1000),
      );
      expect(Math.abs(found[i].sd / units[i] / sd - 1)).toBeLessThan(0.1 + 3 / Math.sqrt(2000));
    });
  });
});
