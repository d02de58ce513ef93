import { expect, test } from "vitest";
import { ascendingOf, distancesFrom, medianOf } from "../../../src/inference/statistics/ranks.ts";
import { uniforms } from "../../pseudoRandom.ts";

const u = uniforms(3000, 7);
const v = uniforms(3000, 11);

const CASES = {
  spread: u.map((x, i) => Math.log(x) * (v[i] < 0.5 ? -1 : 1)),
  "close together, far from 0": u.map((x) => 1e9 + x),
  "whole, with ties": u.map((x) => Math.floor(10 * x) - 5),
  "of all sizes": u.map((x, i) => (v[i] < 0.5 ? -1 : 1) * 10 ** (600 * x - 300)),
  "of both signs around 0": Float64Array.of(0, -0, 5e-324, -5e-324, 0, -0, 1, -1),
  one: Float64Array.of(3),
  none: new Float64Array(),
};

test.each(Object.entries(CASES))("numbers %s: in order, each with its place", (_, given) => {
  const { values, places } = ascendingOf(given);
  const expected = given.slice().sort();
  values.forEach((x, i) => {
    expect(x === expected[i] && x === given[places[i]]).toBe(true);
  });
  expect(new Set(places).size).toBe(given.length);
});

test("distances from the median are in order, each with the place of its number", () => {
  const given = CASES.spread;
  const ascending = ascendingOf(given);
  const median = medianOf(ascending);
  const { values, places } = distancesFrom(median, ascending);
  expect(values).toEqual(given.map((x) => Math.abs(x - median)).sort());
  values.forEach((x, i) => {
    expect(x).toBe(Math.abs(given[places[i]] - median));
  });
});
