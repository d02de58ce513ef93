/** Densities of latents on sets: the Jacobians of all supports, and those that depend on others. */
import { describe, expect, test } from "vitest";
import {
  beta,
  type Distribution,
  dirichlet,
  exponential,
  gamma,
  halfNormal,
  improperUniform,
  lkjCholesky,
  lognormal,
  normal,
  type Support,
  truncatedNormal,
  uniform,
  vonMises,
} from "../../../src/distributions/index.ts";
import { logDensity } from "../../../src/inference/index.ts";
import type { Model } from "../../../src/model/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, constant, input, tensor } from "../../../src/tensor/index.ts";
import { normal as logNormal } from "../../densities.ts";
import { differences, expectClose, scattered } from "./differences.ts";

type Plain = Model<undefined, unknown>;
const row = axis("row", 3);
const column = axis("column", 3);
const part = axis("part", 3);
const plateAxis = axis("group", 2);
const free = (support: Support) => improperUniform(support);

/** Latents with every kind of support that has a density. */
const SUPPORTS: Readonly<Record<string, () => Distribution>> = {
  real: () => normal(0.3, 2),
  positive: () => gamma(2, 3),
  "closed positive": () => exponential(1.5),
  unit: () => beta(2, 3),
  above: () => truncatedNormal(0, 1, { lower: 0.5 }),
  below: () => truncatedNormal(0, 1, { upper: -0.5 }),
  interval: () => uniform(-1, 2),
  angle: () => vonMises(0.5, 2),
  simplex: () => dirichlet(tensor([1.5, 2, 3], [part]), part),
  ordered: () => free({ kind: "ordered", axis: part }),
  choleskyFactor: () => free({ kind: "choleskyFactor", row, column }),
  correlationFactor: () => lkjCholesky(2, row, column),
  positiveDefinite: () => free({ kind: "positiveDefinite", row, column }),
};

/** The coordinates of a value that the Jacobian is of: those that the others follow from. */
function coordinates(kind: string, data: ArrayLike<number>): number[] {
  const all = Array.from(data);
  if (kind === "simplex") return all.slice(0, -1);
  const kept = (i: number, j: number) => (kind === "correlationFactor" ? i > j : i >= j);
  if (["choleskyFactor", "correlationFactor", "positiveDefinite"].includes(kind)) {
    return all.filter((_, at) => kept(Math.floor(at / 3), at % 3));
  }
  return all;
}

function logDeterminant(matrix: number[][]): number {
  let total = 0;
  const a = matrix.map((x) => [...x]);
  for (let k = 0; k < a.length; k++) {
    const pivot = a.reduce(
      (best, r, i) => (i >= k && Math.abs(r[k]) > Math.abs(a[best][k]) ? i : best),
      k,
    );
    [a[k], a[pivot]] = [a[pivot], a[k]];
    total += Math.log(Math.abs(a[k][k]));
    for (let i = k + 1; i < a.length; i++) {
      const f = a[i][k] / a[k][k];
      for (let j = k; j < a.length; j++) a[i][j] -= f * a[k][j];
    }
  }
  return total;
}

describe.each(Object.keys(SUPPORTS))("a latent whose support is %s", (kind) => {
  const alone: Plain = ({ sample }) => void sample("x", SUPPORTS[kind]());
  const inPlate: Plain = ({ sample, plate }) => {
    plate(plateAxis, () => sample("x", SUPPORTS[kind]()));
  };
  const density = logDensity(alone, undefined);
  const plain = logDensity(alone, undefined, { jacobian: false });
  const u = scattered(density.dimension).map((x) => 0.7 * x);

  test("has the log-Jacobian of its differences", () => {
    const of = (x: Float64Array) => coordinates(kind, density.constrain(x).x.data);
    const matrix = of(u).map((_, k) => [...differences((x) => of(x)[k], u)]);
    expect(density.value(u) - plain.value(u)).toBeCloseTo(logDeterminant(matrix), 7);
  });

  test("has the gradient of its differences, and comes back from its value", () => {
    expectClose(
      density.gradient(u),
      differences((x) => density.value(x), u),
      1e-7,
    );
    expectClose(density.unconstrain({ x: density.constrain(u).x.data }), u, 1e-9);
  });

  test("has in a plate the sum of the densities of its elements", () => {
    const both = logDensity(inPlate, undefined);
    expect(both.dimension).toBe(2 * density.dimension);
    const position = scattered(both.dimension, 3);
    // Row-major over the plate and the axes within.
    const halves = [0, 1].map((k) =>
      position.slice(k * density.dimension, (k + 1) * density.dimension),
    );
    const expected = halves.map((x) => density.value(x)).reduce((a, b) => a + b);
    expect(both.value(position)).toBeCloseTo(expected, 9);
    expectClose(
      both.gradient(position),
      halves.flatMap((x) => [...density.gradient(x)]),
      1e-8,
    );
    const { x } = both.constrain(position);
    expectClose(both.unconstrain({ x: x.data }), position, 1e-8);
  });
});

describe("supports that depend on others", () => {
  test("of another latent", () => {
    const p: Plain = ({ sample }) => {
      const top = sample("top", lognormal(0, 1));
      sample("x", uniform(constant(0), top));
    };
    const density = logDensity(p, undefined);
    const u = Float64Array.of(0.4, -0.3);
    const s = 1 / (1 + Math.exp(0.3));
    // log p(top) + log top, log p(x | top) = -log top, log-Jacobian log top + log s (1 - s).
    const expected = logNormal(0.4, 0, 1) + Math.log(s * (1 - s));
    expect(density.value(u)).toBeCloseTo(expected, 12);
    expectClose(
      density.gradient(u),
      differences((x) => density.value(x), u),
      1e-8,
    );
    const { top, x } = density.constrain(u);
    expect(x.data[0]).toBeCloseTo(Math.exp(0.4) * s, 12);
    expectClose(density.unconstrain({ top: top.data, x: x.data }), u, 1e-12);
  });

  const time = axis("time", 4);
  const seen = tensor([0.5, 0.1, 0.9, 1.4], [time]);

  test("of the step before, in a chain", () => {
    const p: Plain = ({ sample, observe, chain }) => {
      chain(time, constant(1), (previous, { at: now }) => {
        const x = sample("x", uniform(constant(0), previous.add(1)));
        observe("y", normal(x, 1), now(seen));
        return x;
      });
    };
    const density = logDensity(p, undefined);
    const u = scattered(4);
    let [previous, expected] = [1, 0];
    const xs = [0.5, 0.1, 0.9, 1.4].map((y, t) => {
      const s = 1 / (1 + Math.exp(-u[t]));
      const x = s * (previous + 1);
      expected += Math.log(s * (1 - s)) + logNormal(y, x, 1);
      previous = x;
      return x;
    });
    expect(density.value(u)).toBeCloseTo(expected, 12);
    expectClose(density.constrain(u).x.data, xs, 1e-12);
    expectClose(
      density.gradient(u),
      differences((x) => density.value(x), u),
      1e-8,
    );
    expectClose(density.unconstrain({ x: xs }), u, 1e-12);
    const copies = axis("copy", 2);
    const position = input("position", [copies, density.unconstrained], "float64");
    const outputs = density.at(position);
    const program = compile({ outputs: { value: outputs.value } }, { dtype: "float64" });
    program.write("position", Float64Array.of(...u, ...scattered(4, 2)));
    expectClose(
      program.run().value.data,
      [density.value(u), density.value(scattered(4, 2))],
      1e-12,
    );
  });

  test("a chain without them is read at once, without a scan", () => {
    const p: Plain = ({ sample, observe, chain }) => {
      const step = sample("step", halfNormal(1));
      chain(time, constant(0), (previous, { at: now }) => {
        const x = sample("x", normal(previous.mul(0.8), step));
        observe("y", normal(x, 1), now(seen));
        return x;
      });
    };
    const density = logDensity(p, undefined);
    const u = scattered(5);
    const sd = Math.exp(u[0]);
    let expected = Math.log(2) + logNormal(sd, 0, 1) + u[0];
    let previous = 0;
    [0.5, 0.1, 0.9, 1.4].forEach((y, t) => {
      expected += logNormal(u[t + 1], 0.8 * previous, sd) + logNormal(y, u[t + 1], 1);
      previous = u[t + 1];
    });
    expect(density.value(u)).toBeCloseTo(expected, 6);
    expectClose(
      density.gradient(u),
      differences((x) => density.value(x), u),
      1e-7,
    );
  });
});
