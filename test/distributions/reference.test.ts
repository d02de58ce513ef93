/** Log densities and distribution functions against mpmath's and SciPy's. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/compiler/oracle/index.ts";
import type { Distribution } from "../../src/distributions/index.ts";
import { REGISTRY } from "../../src/distributions/registry.ts";
import { axis, isFloat, roundTo, type Tensor, tensor } from "../../src/tensor/internal.ts";
import { build, FAMILIES, type Numbers } from "./build.ts";
import { run } from "./run.ts";

type Value = number | readonly number[];
type LogValue = number | "Infinity" | null;
type Point = readonly [
  x: Value,
  logDensity: LogValue,
  cdf?: number,
  logCdf?: LogValue,
  logSurvival?: LogValue | "unknown",
];
interface Case {
  readonly parameters: Numbers;
  readonly points: readonly Point[];
}

const file = new URL("reference/densities.json", import.meta.url);
const reference: Readonly<Record<string, readonly Case[]>> = JSON.parse(
  readFileSync(file, "utf8"),
).families;

test("every family has at least twenty points", () => {
  expect(FAMILIES).toEqual(Object.keys(REGISTRY));
  expect([...FAMILIES].sort()).toEqual(Object.keys(reference).sort());
  for (const [family, cases] of Object.entries(reference)) {
    const count = cases.reduce((n, { points }) => n + points.length, 0);
    expect(count, family).toBeGreaterThanOrEqual(20);
  }
});

/**
 * What is allowed beyond the bound on rounding, relative, or absolute below 1: the rounding of the
 * constants in a formula, quadrature and series.
 */
const FORMULA = { float32: 2 ** -22, float64: 1e-11 } as const;

/** What is allowed, in the same way, where a decision lies within the bounds and there is none. */
const AT_A_KINK = { float32: 1e-5, float64: 1e-9 } as const;

/** The values of a case along an axis of points, in the type of draws. */
function valuesOf({ points }: Case, { dtype, eventAxes }: Distribution): Tensor {
  const point = axis("point", points.length);
  return tensor(
    points.flatMap(([x]) => x),
    [point, ...eventAxes],
    dtype,
  );
}

let compared = 0;
let atKinks = 0;

/**
 * Compares a compiled expression with the values, within the bound on what rounding may do, which
 * the oracle computes with it and which takes in how the point is conditioned.
 */
function compare(
  found: Tensor,
  type: "float32" | "float64",
  expected: readonly number[],
  where: (i: number) => string,
): void {
  const data = run(found);
  const [{ error, unsure }] = evaluate([found], new Map());
  expected.forEach((exact, i) => {
    const value = roundTo(type, exact);
    compared++;
    if (data[i] === value) return;
    atKinks += unsure[i];
    const size = Math.max(1, Math.abs(value));
    const allowed = unsure[i] ? AT_A_KINK[type] * size : error[i] + FORMULA[type] * size;
    const message = `${where(i)}: ${data[i]}, not ${value} +- ${allowed}`;
    expect(Math.abs(data[i] - value), message).toBeLessThanOrEqual(allowed);
  });
}

const toNumber = (x: LogValue) => (x === null ? -Infinity : Number(x));

describe.each(["float64", "float32"] as const)("in %s", (type) => {
  test.each(Object.entries(reference))("log densities of %s", (family, cases) => {
    for (const one of cases) {
      const member = build(family, one.parameters, type);
      const density = member.logProb(valuesOf(one, member));
      expect(isFloat(density.dtype)).toBe(true);
      const expected = one.points.map(([, logDensity]) => toNumber(logDensity));
      compare(
        density,
        type,
        expected,
        (i) => `${JSON.stringify(one.parameters)} at ${one.points[i][0]}`,
      );
    }
  });

  const withCdf = Object.entries(reference).filter(([, cases]) => cases[0].points[0].length > 2);
  test.each(withCdf)("distribution function of %s", (family, cases) => {
    for (const one of cases) {
      const member = build(family, one.parameters, type);
      const below = member.cdf(valuesOf(one, member));
      const expected = one.points.map(([, , cdf]) => cdf as number);
      compare(
        below,
        type,
        expected,
        (i) => `${JSON.stringify(one.parameters)} at ${one.points[i][0]}`,
      );
    }
  });
});

/** Tails of angles, which have no order, are not told; those of a point are steps. */
const NO_TAILS = ["vonMises", "delta"];

describe.each(["float64", "float32"] as const)("tails in %s", (type) => {
  const withCdf = Object.entries(reference).filter(
    ([family, cases]) => cases[0].points[0].length > 2 && !NO_TAILS.includes(family),
  );
  test.each(withCdf)("of %s", (family, cases) => {
    for (const one of cases) {
      const member = build(family, one.parameters, type);
      const where = (word: string, of: readonly Point[]) => (i: number) =>
        `${word} of ${JSON.stringify(one.parameters)} at ${of[i][0]}`;
      const below = one.points.map(([, , , logCdf]) => toNumber(logCdf as LogValue));
      compare(member.logCdf(valuesOf(one, member)), type, below, where("logCdf", one.points));
      const known = one.points.filter(([, , , , logSurvival]) => logSurvival !== "unknown");
      const above = known.map(([, , , , logSurvival]) => toNumber(logSurvival as LogValue));
      const at = valuesOf({ ...one, points: known }, member);
      compare(member.logSurvival(at), type, above, where("logSurvival", known));
    }
  });
});

test("at most one point in a hundred lies at a kink", () => {
  expect(compared).toBeGreaterThan(2000);
  expect(atKinks).toBeLessThan(0.01 * compared);
});
