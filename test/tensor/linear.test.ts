/** Cholesky factors and triangular equations: on every backend, against plain loops in doubles. */

import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/compiler/oracle/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  type Axis,
  axis,
  cholesky,
  constant,
  type DType,
  failedMinor,
  grad,
  index,
  input,
  logDeterminant,
  rename,
  SurmiseError,
  select,
  sizeOf,
  solveLower,
  solveLowerTransposed,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/internal.ts";
import { BACKENDS } from "../backends.ts";

const SIZES = [1, 2, 5, 30];

/** A well-conditioned positive definite matrix, row-major. */
function positiveDefinite(n: number, seed: number): Float64Array {
  const b = Float64Array.from({ length: n * n }, (_, i) => Math.sin(1.7 * i * i + seed));
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let total = i === j ? 1 + 0.1 * i : 0;
    for (let k = 0; k < n; k++) total += (b[i * n + k] * b[j * n + k]) / n;
    return total;
  });
}

/** Values of `outputs`, each row-major over the axes named with it. */
function run(
  outputs: Readonly<Record<string, readonly [Tensor, readonly Axis[]]>>,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
  backend: (typeof BACKENDS)[number],
) {
  const tensors = Object.fromEntries(Object.entries(outputs).map(([name, [x]]) => [name, x]));
  const program = compile({ outputs: tensors }, { backend, threads: 1 });
  for (const [name, values] of Object.entries(inputs)) {
    if (program.inputs.has(name)) program.write(name, Float64Array.from(values));
  }
  const results = program.run();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, [, order]]) => {
      const { axes, data } = results[name];
      const values = Array.from({ length: data.length }, (_, i) => {
        let [rest, from] = [i, 0];
        for (const a of [...order].reverse()) {
          from += (rest % a.size) * sizeOf(axes.slice(axes.indexOf(a) + 1));
          rest = Math.floor(rest / a.size);
        }
        return data[from];
      });
      return [name, values];
    }),
  );
}

const square = (n: number) => [axis("row", n), axis("column", n)] as const;
/** Relative to numbers of size 1; the matrices have condition numbers below 100. */
const WITHIN: Readonly<Record<"float32" | "float64", number>> = { float32: 2e-5, float64: 1e-12 };
const cases = SIZES.flatMap((n) =>
  (["float32", "float64"] as const).map((dtype) => [n, dtype] as const),
);

describe.each(BACKENDS)("on %s", (backend) => {
  test.each(cases)("%i rows in %s: the factor, its equations and its determinant", (n, dtype) => {
    const [row, column] = square(n);
    const [many, right] = [axis("many", 2), axis("right", 3)];
    const a = input("a", [many, row, column], dtype);
    const b = input("b", [many, row, right], dtype);
    const l = cholesky(a, row, column);
    const x = solveLower(l, b, row, column);
    const y = solveLowerTransposed(l, x, row, column);
    const given = [1, 2].map((seed) => positiveDefinite(n, seed));
    const aside = Float64Array.from({ length: 2 * n * 3 }, (_, i) => Math.cos(3 * i));
    const got = run(
      {
        l: [l, [many, row, column]],
        x: [x, [many, column, right]],
        y: [y, [many, row, right]],
        logDet: [logDeterminant(l, row, column), [many]],
      },
      { a: given.flatMap((m) => [...m]), b: aside },
      backend,
    );
    const near = (found: number, expected: number) =>
      expect(Math.abs(found - expected)).toBeLessThan(WITHIN[dtype] * (1 + Math.abs(expected)));
    given.forEach((matrix, m) => {
      const at = (i: number, j: number) => got.l[(m * n + i) * n + j];
      const factor = factorOf(matrix, n);
      factor.forEach((v, i) => {
        near(got.l[m * n * n + i], v);
      });
      const logs = Array.from({ length: n }, (_, i) => Math.log(factor[i * n + i]));
      near(
        got.logDet[m],
        logs.reduce((p, q) => p + q),
      );
      for (let i = 0; i < n; i++) {
        for (let r = 0; r < 3; r++) {
          const value = (xs: number[], k: number) => xs[(m * n + k) * 3 + r];
          let [lx, lty] = [0, 0];
          for (let k = 0; k < n; k++) {
            lx += at(i, k) * value(got.x, k);
            lty += at(k, i) * value(got.y, k);
          }
          near(lx, aside[(m * n + i) * 3 + r]);
          near(lty, value(got.x, i));
        }
      }
    });
  });

  test.each([3, 30])("the first leading minor that is not positive is told: %i rows", (n) => {
    const [row, column] = square(n);
    const batch = axis("batch", 9);
    // Of matrix b, the diagonal is negative from row b on.
    const element = select(index(row).lt(index(batch)), constant(1), constant(-1));
    const a = select(index(row).eq(index(column)), element, constant(0));
    const failed = failedMinor(cholesky(a, row, column), row, column);
    const got = run({ failed: [failed, [batch]] }, {}, backend);
    expect(got.failed).toEqual(Array.from({ length: 9 }, (_, b) => (b < n ? b + 1 : 0)));
  });

  test("what is above the diagonal is not read", () => {
    const [row, column] = square(3);
    const above = index(column).gt(index(row));
    const a = input("a", [row, column], "float64");
    const b = input("b", [row], "float64");
    const l = cholesky(select(above, Number.NaN, a), row, column);
    const spoiled = select(above, Number.NaN, l);
    const x = solveLower(spoiled, b, row, column);
    const y = solveLowerTransposed(spoiled, rename(b, row, column), row, column);
    const got = run(
      { l: [l, [row, column]], x: [x, [column]], y: [y, [row]] },
      { a: [4, 2, 6, 2, 10, 9, 6, 9, 26], b: [2, 7, 19] },
      backend,
    );
    const root = Math.sqrt(13);
    expect(got.l.slice(0, 8)).toEqual([2, 0, 0, 1, 3, 0, 3, 2]);
    expect(got.l[8]).toBeCloseTo(root, 14);
    [1, 2, 12 / root].forEach((v, k) => {
      expect(got.x[k]).toBeCloseTo(v, 12);
    });
    const [y1, y2] = [(7 - (2 * 19) / root) / 3, 19 / root];
    [(2 - y1 - 3 * y2) / 2, y1, y2].forEach((v, k) => {
      expect(got.y[k]).toBeCloseTo(v, 12);
    });
  });

  test.each([
    ["a negative eigenvalue", [1, 2, 2, 1]],
    ["a singular matrix", [1, 1, 1, 1]],
    ["a zero", [0, 0, 0, 1]],
    ["an infinity", [Infinity, 0, 0, 1]],
    ["NaN", [Number.NaN, 0, 0, 1]],
  ])("%s gives NaN, in its own element of a batch only", (_, bad) => {
    const [row, column] = square(2);
    const many = axis("many", 2);
    const a = input("a", [many, row, column]);
    const l = cholesky(a, row, column);
    const got = run(
      { l: [l, [many, row, column]], logDet: [logDeterminant(l, row, column), [many]] },
      { a: [...bad, 4, 2, 2, 5] },
      backend,
    );
    expect(got.l[3]).toBe(Number.NaN);
    expect(got.logDet[0]).toBe(Number.NaN);
    expect(got.l.slice(4)).toEqual([2, 0, 1, 2]);
    expect(got.logDet[1]).toBeCloseTo(Math.log(4), 6);
  });
});

/** Row by row (Cholesky and Banachiewicz). */
function factorOf(a: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i * n + j];
      for (let k = 0; k < j; k++) rest -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = i === j ? Math.sqrt(rest) : rest / l[j * n + j];
    }
  }
  return l;
}

/** A scalar of everything, and its inputs at some values. */
function scalarOf(n: number, dtype: DType) {
  const [row, column] = square(n);
  const a = input("a", [row, column], dtype);
  const b = input("b", [row], dtype);
  const l = cholesky(a, row, column);
  const weights = tensor(
    Array.from({ length: n * n }, (_, i) => Math.sin(i + 1)),
    [row, column],
    dtype,
  );
  const x = solveLower(l, b, row, column);
  const y = solveLowerTransposed(l, x, row, column);
  const parts = [l.mul(weights), x.mul(x), y.mul(b), logDeterminant(l, row, column)];
  const value = parts.map((part) => sum(part)).reduce((p, q) => p.add(q));
  const at = {
    a: positiveDefinite(n, 3),
    b: Float64Array.from({ length: n }, (_, i) => Math.cos(2 * i)),
  };
  return { value, a, b, row, column, at };
}

describe("derivatives", () => {
  const STEP = 1e-5;

  test.each([1, 2, 5])("with %i rows are the oracle's differences", (n) => {
    const { value, a, b, row, column, at } = scalarOf(n, "float64");
    const worth = (given: typeof at) =>
      evaluate([value], new Map(Object.entries(given)))[0].values[0];
    const [da, db] = grad(value, [a, b]);
    const slopes = run({ "to a": [da, [row, column]], "to b": [db, [row]] }, at, "oracle");
    (["a", "b"] as const).forEach((name) => {
      slopes[`to ${name}`].forEach((slope, i) => {
        const [up, down] = [STEP, -STEP].map((by) => {
          const moved = at[name].slice();
          moved[i] += by;
          return worth({ ...at, [name]: moved });
        });
        expect(slope).toBeCloseTo((up - down) / (2 * STEP), 7);
      });
    });
  });

  test.each([1, 2, 5])("of second order with %i rows are the oracle's differences", (n) => {
    const { value, a, b, row, column, at } = scalarOf(n, "float64");
    const weights = tensor(
      Array.from({ length: n * n }, (_, i) => Math.cos(i + 2)),
      [row, column],
      "float64",
    );
    const [da, db] = grad(value, [a, b]);
    const slope = sum(da.mul(weights)).add(sum(db.mul(b)));
    const [second] = grad(slope, [a]);
    const { found } = run({ found: [second, [row, column]] }, at, "oracle");
    found.forEach((curvature, i) => {
      const [up, down] = [STEP, -STEP].map((by) => {
        const moved = at.a.slice();
        moved[i] += by;
        return evaluate([slope], new Map(Object.entries({ ...at, a: moved })))[0].values[0];
      });
      expect(curvature).toBeCloseTo((up - down) / (2 * STEP), 6);
    });
  });

  test.each(["wasm", "c"] as const)("with 30 rows agree with the oracle's (%s)", (backend) => {
    for (const dtype of ["float32", "float64"] as const) {
      const { value, a, b, row, column, at } = scalarOf(30, dtype);
      const [da, db] = grad(value, [a, b]);
      const outputs = { da: [da, [row, column]], db: [db, [row]] } as const;
      const [found, expected] = [backend, "oracle" as const].map((one) => run(outputs, at, one));
      for (const name of ["da", "db"]) {
        expected[name].forEach((v, i) => {
          const allowed = 10 * WITHIN[dtype] * (1 + Math.abs(v));
          expect(Math.abs(found[name][i] - v)).toBeLessThan(allowed);
        });
      }
    }
  });

  test("of log det A are its inverse, and of second order those of the inverse", () => {
    // A = [[a, c], [c, b]], where c is read below the diagonal: log det A = log(a b - c^2).
    const [row, column] = square(2);
    const m = input("a", [row, column], "float64");
    const f = logDeterminant(cholesky(m, row, column), row, column).mul(2);
    const [first] = grad(f, [m]);
    const corner = select(index(row).eq(0), select(index(column).eq(0), first, 0), 0);
    const [second] = grad(sum(corner), [m]);
    const order = [row, column];
    const { d1, d2 } = run(
      { d1: [first, order], d2: [second, order] },
      { a: [2, 0.5, 0.5, 1] },
      "oracle",
    );
    const det = 1.75;
    [1 / det, 0, (-2 * 0.5) / det, 2 / det].forEach((v, k) => {
      expect(d1[k]).toBeCloseTo(v, 12);
    });
    // d/d(a, c, b) of b / (a b - c^2).
    [-1 / det ** 2, 0, (2 * 0.5) / det ** 2, -0.25 / det ** 2].forEach((v, k) => {
      expect(d2[k]).toBeCloseTo(v, 12);
    });
  });
});

test("refusals name the axes", () => {
  const [row, column] = square(3);
  const [wide, other] = [axis("wide", 4), axis("other", 3)];
  const a = input("a", [row, column]);
  const refused: [string, () => unknown][] = [
    [
      "cholesky: rows and columns are both along 'row': make a second axis of size 3 for one of them",
      () => cholesky(a, row, row),
    ],
    [
      "cholesky: a square matrix is needed, but it has {row: 3, wide: 4}",
      () => cholesky(input("b", [row, wide]), row, wide),
    ],
    [
      "cholesky: the matrix has axes {row: 3, column: 3} and lacks {other: 3}",
      () => cholesky(a, row, other),
    ],
    [
      "cholesky: the matrix is int32; use cast(matrix, 'float32')",
      () => cholesky(input("i", [row, column], "int32"), row, column),
    ],
    [
      "solveLower: the right-hand side has axes {column: 3}; it must vary over 'row' and not over " +
        "'column', along which the solution lies",
      () => solveLower(a, input("c", [column]), row, column),
    ],
  ];
  for (const [message, make] of refused) expect(make).toThrow(new SurmiseError(message));
});
