/** Which normal a fit begins at. */
import { expect, test } from "vitest";
import { normal, uniform } from "../../../src/distributions/index.ts";
import { posteriorCoordinates } from "../../../src/inference/density/coordinates.ts";
import type { Model } from "../../../src/model/index.ts";
import { constant, square } from "../../../src/tensor/index.ts";

test("the normal in units of the priors is taken where it is the better one, whatever these units are", () => {
  const banana: Model<undefined> = ({ sample }) => {
    const x = sample("x", normal(0, 1));
    sample("y", normal(square(x), 0.3));
  };
  // In units of its prior y is standard normal, exactly; in its own no normal is like it.
  const found = posteriorCoordinates(banana, undefined);
  expect(found?.sites.map(({ name, nonCentred }) => [name, nonCentred])).toEqual([
    ["x", false],
    ["y", true],
  ]);
  [...(found?.scales ?? [])].forEach((scale) => {
    expect(scale).toBeCloseTo(1, 6);
  });
});

test("a latent whose values end where another is does not come before that", () => {
  const ends: Model<undefined> = ({ sample, observe }) => {
    const a = sample("a", uniform(0, 1));
    const b = sample("b", uniform(0, constant(1).sub(a)));
    observe("y", normal(a.add(b), 0.1), constant(0.8));
  };
  const found = posteriorCoordinates(ends, undefined);
  expect(found?.sites.map(({ name, isLeading }) => [name, isLeading])).toEqual([
    ["a", true],
    ["b", false],
  ]);
});
