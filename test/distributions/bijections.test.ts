/** Maps from unconstrained parameters to supports: there and back, and their Jacobian determinants. */
import { describe, expect, test } from "vitest";
import {
  ANGLE,
  axesWithin,
  bijectionTo,
  CLOSED_UNIT,
  COUNT,
  POSITIVE,
  REAL,
  type Support,
} from "../../src/distributions/internal.ts";
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
  const { unconstrainedAxes, forward, inverse, logJacobian } = bijectionTo(support);

  test("leads there and back, element by element", () => {
    expect(unconstrainedAxes([place])).toEqual([place]);
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
const [row, column] = [axis("row", 3), axis("column", 3)];
const total = (xs: Float64Array) => xs.reduce((a, b) => a + b);
/** The product of a row-major 3 x 3 matrix with its transpose, element by element. */
const rowProducts = (l: Float64Array) =>
  [0, 1, 2].flatMap((i) =>
    [0, 1, 2].map((j) => [0, 1, 2].reduce((s, k) => s + l[3 * i + k] * l[3 * j + k], 0)),
  );
const isTriangle = (l: Float64Array) =>
  l.every((x, k) => [1, 2, 5].includes(k) === (x === 0) && (k % 4 > 0 || x > 0));
const TRIANGLE = [0, 3, 4, 6, 7, 8];

interface Vector {
  readonly support: Support;
  readonly at: readonly number[];
  /** The elements of a value, row-major, that are its coordinates. */
  readonly coordinates: readonly number[];
  readonly isInside: (value: Float64Array) => boolean;
}

const shares = {
  support: { kind: "simplex", axis: along },
  coordinates: [0, 1, 2],
  isInside: (y: Float64Array) => Math.abs(total(y) - 1) < 1e-12,
} as const;
const correlations = {
  support: { kind: "correlationFactor", row, column },
  coordinates: [3, 6, 7],
  isInside: (l: Float64Array) =>
    isTriangle(l) && rowProducts(l).every((x, k) => k % 4 > 0 || Math.abs(x - 1) < 1e-12),
} as const;
const vectors: Record<string, Vector> = {
  shares: { ...shares, at: [0.3, -1.2, 0.7] },
  "shares, some of them small": { ...shares, at: [-9, 4, 2] },
  "increasing numbers": {
    support: { kind: "ordered", axis: along },
    at: [0.3, -1.2, 0.7, 2],
    coordinates: [0, 1, 2, 3],
    isInside: (y) => y.every((x, k) => k === 0 || y[k - 1] < x),
  },
  "triangles of positive diagonal": {
    support: { kind: "choleskyFactor", row, column },
    at: [0.3, -1.2, 0.7, 2, -0.4, -1],
    coordinates: TRIANGLE,
    isInside: isTriangle,
  },
  "factors of correlation matrices": { ...correlations, at: [0.3, -1.2, 0.7] },
  "factors of matrices of strong correlations": { ...correlations, at: [-4, 3, 0.01] },
  "positive definite matrices": {
    support: { kind: "positiveDefinite", row, column },
    at: [0.3, -1.2, 0.7, 2, -0.4, -1],
    coordinates: TRIANGLE,
    isInside: (a) => a[1] === a[3] && a[2] === a[6] && a[5] === a[7],
  },
};

describe.each(Object.entries(vectors))("the map to %s", (_, vector) => {
  const { support, at, coordinates, isInside } = vector;
  const axes = axesWithin(support);
  const { unconstrainedAxes, forward, inverse, logJacobian } = bijectionTo(support);
  const [freeAxis] = unconstrainedAxes(axes);
  const x = input("x", [freeAxis], "float64");
  const valueAt = (values: readonly number[]) =>
    run(forward(x), axes, { x: Float64Array.from(values) });

  test("leads there and back", () => {
    expect(freeAxis.size).toBe(at.length);
    const value = valueAt(at);
    const y = input("y", axes, "float64");
    run(inverse(y), [freeAxis], { y: value }).forEach((back, k) => {
      expect(back).toBeCloseTo(at[k], 9);
    });
    expect(isInside(value)).toBe(true);
  });

  test("has the determinant it tells, of as many coordinates as are free", () => {
    const step = 1e-5;
    const rows = at.map((_, j) => {
      const [up, down] = [step, -step].map((by) =>
        valueAt(at.map((v, k) => (k === j ? v + by : v))),
      );
      return coordinates.map((k) => (up[k] - down[k]) / (2 * step));
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

  test("a single correlation is not free", () => {
    const [one, other] = [axis("one", 1), axis("other", 1)];
    expect(() => bijectionTo({ kind: "correlationFactor", row: one, column: other })).toThrow(
      new SurmiseError(
        "correlation factor over one: 1: a single correlation is always 1, nothing is free",
      ),
    );
  });

  test("one axis of shares has one axis of unconstrained parameters, however often it is asked for", () => {
    const free = () => bijectionTo({ kind: "simplex", axis: along }).unconstrainedAxes([along])[0];
    expect(free()).toBe(free());
  });
});
