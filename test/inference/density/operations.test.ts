/** About how many operations an evaluation of a log density takes: what searches and remedies are bounded by. */
import { expect, test } from "vitest";
import { operationsOf } from "../../../src/inference/density/programs/expressions.ts";
import {
  axis,
  cholesky,
  constant,
  exp,
  input,
  scan,
  type Tensor,
} from "../../../src/tensor/index.ts";

const n = 60;
const [row, column, day] = [axis("row", n), axis("column", n), axis("day", 500)];
const a = input("a", [row, column]);

test("a matrix factor takes n^3 / 3 beside its elements", () => {
  expect(operationsOf([cholesky(a, row, column)])).toBeCloseTo(2 * n ** 2 + n ** 3 / 3, 6);
});

test("a loop takes what its body takes at each turn", () => {
  const walk = (body: (level: Tensor) => Tensor) =>
    scan(day, { level: constant(0) }, ({ level }) => ({ carries: { level: body(level) } })).last
      .level;
  const [short, long] = [walk(exp), walk((level) => exp(exp(level)))].map((x) => operationsOf([x]));
  expect(long - short).toBe(day.size);
});

test("what a loop reads of outside is made once", () => {
  const seen = exp(input("seen", [day]));
  const { last } = scan(day, { level: constant(0) }, ({ level }, turn) => ({
    carries: { level: level.add(turn.at(seen)) },
  }));
  // The values of a turn are a few numbers, and not the whole series.
  expect(operationsOf([last.level])).toBeLessThan(20 * day.size);
});
