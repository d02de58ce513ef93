/** Posteriors with several modes: where searches begin, and what is told. */
import { expect, test } from "vitest";
import { halfNormal, normal } from "../../../../src/distributions/index.ts";
import { reliabilityWarnings } from "../../../../src/inference/index.ts";
import type { Model } from "../../../../src/model/index.ts";
import { constant } from "../../../../src/tensor/index.ts";
import { fitted, kinds, product } from "./twoModes.ts";

test("a mode that belongs to another kind is told", () => {
  const { missed } = fitted(kinds, "laplace").reliability;
  expect(missed?.name).toBe("x");
  expect(missed?.share).toBeCloseTo(0.5, 1);
});

test("a search that begins at a saddle point goes on to a mode", () => {
  const { x, y } = fitted(product, "map").rows;
  // Where x = y, x (x^2 - 2) / 0.09 + x / 4 = 0.
  for (const { mean } of [x, y]) expect(Math.abs(mean)).toBeCloseTo(Math.sqrt(2 - 0.09 / 4), 3);
});

test("weights that are infinite are warned of", () => {
  // The density of an observation grows without end as its location comes near it and the scale goes to 0.
  const one: Model<undefined> = ({ sample, observe }) => {
    const [location, scale] = [sample("location", normal(0, 10)), sample("scale", halfNormal(5))];
    observe("y", normal(location, scale), constant(3));
  };
  const { reliability } = fitted(one, "laplace");
  expect(reliabilityWarnings(reliability).join()).toMatch(/k-hat is infinite/);
});
