/** Posteriors with several modes, which single normals do not reach and mixtures do. */
import { describe, expect, test } from "vitest";
import { mixture, normal } from "../../../../src/distributions/index.ts";
import { type MethodName, reliabilityWarnings } from "../../../../src/inference/index.ts";
import type { Model } from "../../../../src/model/index.ts";
import { axis, tensor } from "../../../../src/tensor/index.ts";
import { moments, momentsOf } from "../../../methods/quadrature.ts";
import { fitted, kinds, product } from "./twoModes.ts";

const logNormal = (x: number, mean: number, sd: number) => -0.5 * ((x - mean) / sd) ** 2;

test.each<[string, Model<undefined>, MethodName]>([
  ["a product", product, "vi"],
  ["a product", product, "laplace"],
  ["kinds", kinds, "vi"],
  ["kinds", kinds, "iwae"],
])("the other mode of %s is told", (_, model, method) => {
  const { missed } = fitted(model, method).reliability;
  expect(missed?.share).toBeCloseTo(0.5, 1);
});

describe("a mixture begins at the modes", () => {
  const third = axis("third", 3);
  const centres = tensor([-6, 0, 6], [third]);
  const three: Model<undefined> = ({ sample }) =>
    void sample("x", mixture(tensor([0.2, 0.5, 0.3], [third]), normal(centres, 0.7), third));
  const kindsAt = (x: number) =>
    Math.log(Math.exp(logNormal(x, 8, 1)) + Math.exp(logNormal(x, -8, 1)));
  const productAt = ([x, y]: readonly number[]) =>
    logNormal(x, 0, 2) + logNormal(y, 0, 2) + logNormal(2, x * y, 0.3);
  const square = [
    [-8, 8],
    [-8, 8],
  ] as const;
  test.each([
    ["three", three, [0.6, Math.sqrt(0.49 + 36 * 0.5 - 0.36)]],
    ["kinds", kinds, moments((x) => kindsAt(x) + logNormal(60, x * x, 30), [-14, 14])],
    ["a product", product, momentsOf(productAt, square, [([x]) => x])[0]],
  ] as const)("of %s", (_, model, [mean, sd]) => {
    const {
      rows: { x },
      reliability,
    } = fitted(model, "mixture");
    const noise = 4 / Math.sqrt(x.ess ?? 0);
    expect(Math.abs(x.mean - mean) / sd).toBeLessThan(noise);
    expect(Math.abs(x.sd / sd - 1)).toBeLessThan(noise);
    expect(reliabilityWarnings(reliability)).toEqual([]);
  });
});
