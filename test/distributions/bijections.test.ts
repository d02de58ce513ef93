/** Maps from free numbers to supports: there and back, and their Jacobian determinants. */
import { describe, expect, test } from "vitest";
import {
  ANGLE,
  bijectionTo,
  CLOSED_UNIT,
  COUNT,
  POSITIVE,
  REAL,
  type Support,
} from "../../src/distributions/index.ts";
import { axis, constant, input, SurmiseError, tensor } from "../../src/tensor/index.ts";
import { run } from "./run.ts";

const f64 = (x: number) => constant(x, "float64");
const [low, high] = [f64(-1.5), f64(4)];
const place = axis("place", 9);
const free = tensor([-9, -3, -1.2, -0.1, 0, 0.4, 1.7, 4, 11], [place], "float64");

const scalars: [string, Support, (y: number) => boolean][] = [
  ["real numbers", REAL, Number.isFinite],
  ["positive numbers", POSITIVE, (y) => y > 0],
  ["numbers between 0 and 1", CLOSED_UNIT, (y) => y > 0 && y < 1],
  ["angles", ANGLE, (y) => Math.abs(y) < Math.PI],
  ["numbers above a bound", { kind: "above", low }, (y) => y > -1.5],
  ["numbers below a bound", { kind: "below", high }, (y) => y < 4],
  ["numbers between two bounds", { kind: "interval", low, high }, (y) => y > -1.5 && y < 4],
];

describe.each(scalars)("the map to %s", (_, support, inside) => {
  const { freeAxes, forward, inverse, logJacobian } = bijectionTo(support);

  test("leads there and back, element by element", () => {
    expect(freeAxes([place])).toEqual([place]);
    expect([...run(forward(free))].every(inside)).toBe(true);
    run(inverse(forward(free))).forEach((back, k) => {
      expect(back).toBeCloseTo(run(free)[k], 8);
    });
  });

  test("has the derivative it tells", () => {
    const step = 1e-5;
    const [up, down] = [step, -step].map((by) => run(forward(free.add(by))));
    const told = run(logJacobian(free));
    up.forEach((y, k) => {
      const slope = Math.abs(y - down[k]) / (2 * step);
      expect(told[k % told.length]).toBeCloseTo(Math.log(slope), 5);
    });
  });
});

/** log |det| of a square matrix, by elimination. */
function logDeterminant(rows: readonly (readonly number[])[]): number {
  const m = rows.map((row) => [...row]);
  let total = 0;
  m.forEach((_, k) => {
    const pivot = m.slice(k).reduce((a, b) => (Math.abs(b[k]) > Math.abs(a[k]) ? b : a));
    m.splice(m.indexOf(pivot), 1);
    m.splice(k, 0, pivot);
    total += Math.log(Math.abs(pivot[k]));
    for (const row of m.slice(k + 1)) {
      const factor = row[k] / pivot[k];
      pivot.forEach((x, j) => {
        row[j] -= factor * x;
      });
    }
  });
  return total;
}

const along = axis("part", 4);
const vectors: [string, Support, number[]][] = [
  ["shares", { kind: "simplex", axis: along }, [0.3, -1.2, 0.7]],
  ["shares, some of them small", { kind: "simplex", axis: along }, [-9, 4, 2]],
  ["increasing numbers", { kind: "ordered", axis: along }, [0.3, -1.2, 0.7, 2]],
];

describe.each(vectors)("the map to %s", (_, support, at) => {
  const { freeAxes, forward, inverse, logJacobian } = bijectionTo(support);
  const [freeAxis] = freeAxes([along]);
  const x = input("x", [freeAxis], "float64");
  const valueAt = (values: readonly number[]) =>
    run(forward(x), [along], { x: Float64Array.from(values) });

  test("leads there and back", () => {
    expect(freeAxis.size).toBe(at.length);
    const value = valueAt(at);
    const y = input("y", [along], "float64");
    run(inverse(y), [freeAxis], { y: value }).forEach((back, k) => {
      expect(back).toBeCloseTo(at[k], 9);
    });
    if (support.kind === "ordered") expect([...value]).toEqual([...value].sort((a, b) => a - b));
    else expect(value.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  test("has the determinant it tells, of as many coordinates as are free", () => {
    const step = 1e-5;
    const rows = at.map((_, j) => {
      const [up, down] = [step, -step].map((by) =>
        valueAt(at.map((v, k) => (k === j ? v + by : v))),
      );
      return at.map((_, k) => (up[k] - down[k]) / (2 * step));
    });
    const [told] = run(logJacobian(x), [], { x: Float64Array.from(at) });
    expect(told).toBeCloseTo(logDeterminant(rows), 5);
  });
});

describe("refusals", () => {
  test("separate points are no image of the line", () => {
    expect(() => bijectionTo(COUNT)).toThrow(
      new SurmiseError(
        "no smooth map leads from the real line to the support 'count': its values are separate points",
      ),
    );
  });

  test("a single share is not free", () => {
    const single = axis("single", 1);
    expect(() => bijectionTo({ kind: "simplex", axis: single })).toThrow(
      new SurmiseError("simplex along single: 1: one share is always 1, nothing is free"),
    );
  });

  test("one axis of shares has one axis of free numbers, however often it is asked for", () => {
    const free = () => bijectionTo({ kind: "simplex", axis: along }).freeAxes([along])[0];
    expect(free()).toBe(free());
  });
});
