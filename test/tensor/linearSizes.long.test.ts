/** Cholesky factors, their adjoints and triangular equations of all sizes and in batches: what they are told by. */

import { describe, expect, test } from "vitest";
import { compile } from "../../src/runtime/index.ts";
import {
  type Axis,
  axis,
  cholesky,
  constant,
  type DType,
  grad,
  index,
  input,
  logDeterminant,
  select,
  solveLower,
  solveLowerTransposed,
  sum,
} from "../../src/tensor/index.ts";
import { COMPILED } from "../backends.ts";

const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 };

/** Well-conditioned positive definite matrices, row-major, each with others' numbers. */
function matrices(batch: number, n: number): Float64Array {
  const values = new Float64Array(batch * n * n);
  for (let b = 0; b < batch; b++) {
    const at = (i: number, j: number) => Math.sin(1 + 0.7 * b + 1.3 * i + 2.1 * j) / Math.sqrt(n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        // A few columns suffice: the matrix is a low-rank one over a large diagonal.
        let total = i === j ? 2 + i / n : 0;
        for (let k = 0; k < 4; k++) total += at(i, k) * at(j, k);
        values[(b * n + i) * n + j] = total;
        values[(b * n + j) * n + i] = total;
      }
    }
  }
  return values;
}

/** The largest |x - y| over the size of the largest |y|. */
function worst(x: ArrayLike<number>, y: (i: number) => number): number {
  let [most, size] = [0, 1];
  for (let i = 0; i < x.length; i++) {
    most = Math.max(most, Number.isNaN(x[i]) ? Infinity : Math.abs(x[i] - y(i)));
    size = Math.max(size, Math.abs(y(i)));
  }
  return most / size;
}

const cases: readonly [DType, number, number, number][] = (["float32", "float64"] as const).flatMap(
  (dtype) =>
    [
      [1, 3, 2],
      [1000, 8, 1],
      [9, 16, 5],
      [5, 17, 4],
      [3, 33, 7],
      [2, 64, 64],
      [1, 200, 3],
      [1, 290, 300],
    ].map(([batch, n, right]) => [dtype, batch, n, right] as [DType, number, number, number]),
);

describe.each(COMPILED)("with %s", (backend) => {
  test.each(cases)(
    "%s, %i matrices of %i rows, %i right-hand sides: L L^T = A, L L^T x = b",
    (dtype, batch, n, right) => {
      const [each, row, column, side] = [
        ...[axis("each", batch), axis("row", n), axis("column", n), axis("side", right)],
      ];
      const a = input("a", [each, row, column], dtype);
      const b = input("b", [each, row, side], dtype);
      const l = cholesky(a, row, column);
      const x = solveLowerTransposed(l, solveLower(l, b, row, column), row, column);
      // x lies along `row` again: A x, for a symmetric A.
      const back = sum(a.mul(x), row);
      const half = logDeterminant(l, row, column);
      const [inverse] = grad(sum(half), [a]);
      const both = sum(inverse.mul(a), row, column);
      const program = compile({ outputs: { back, both } }, { backend, threads: 1 });
      const values = matrices(batch, n);
      const sides = Float64Array.from({ length: batch * n * right }, (_, i) => Math.cos(i));
      const found = program.run({ inputs: { a: values, b: sides } });
      const order = found.back.axes.map((axis: Axis) => axis.name);
      const size: Record<string, number> = { each: batch, column: n, side: right };
      const bound = 40 * n * EPSILON[dtype as "float32" | "float64"];
      const error = worst(found.back.data, (i) => {
        const place: Record<string, number> = {};
        let rest = i;
        for (const name of [...order].reverse()) {
          place[name] = rest % size[name];
          rest = Math.floor(rest / size[name]);
        }
        return Math.fround(sides[(place.each * n + place.column) * right + place.side]);
      });
      expect(error).toBeLessThan(bound + 2 ** -24);
      // d log|L| / dA is A^-1 / 2, read in the lower triangle only: its product with A sums to n / 2.
      expect(worst(found.both.data, () => n / 2)).toBeLessThan(bound);
    },
  );

  // Sizes about those of tiles, panels and blocks, one by one and side by side in lanes.
  const edges = [
    ...[1, 4, 15, 16, 17, 31, 33, 63, 65, 127, 129, 255, 257, 300].map((n) => [1, n] as const),
    ...[1, 3, 16, 17].map((n) => [9, n] as const),
  ].filter(([batch, n]) => backend === "wasm" || [31, 300].includes(n) || batch * n === 27);

  test.each(edges)("%i factors of %i rows: H L has the lower triangle G", (batch, n) => {
    const [row, column] = [axis("row", n), axis("column", n)];
    const order = [...(batch === 1 ? [] : [axis("each", batch)]), row, column];
    const a = input("a", order, "float64");
    const g = input("g", order, "float64");
    const l = cholesky(a, row, column);
    const [slope] = grad(sum(l.mul(g)), [a]);
    const kept = ["l", "slope"].map((name) => input(name, order, "float64"));
    const updates = [l, slope].map((value, i) => [kept[i], value] as const);
    const program = compile({ outputs: {}, updates, varying: [a, g] }, { backend, threads: 1 });
    const weights = Float64Array.from({ length: batch * n * n }, (_, i) => Math.sin(i + 1));
    program.run({ inputs: { a: matrices(batch, n), g: weights } });
    const [factor, slopes] = ["l", "slope"].map((name) => program.read(name).data);
    const at = (b: number, i: number, j: number) => (b * n + i) * n + j;
    // The slope is that of H, with half its diagonal, and 0 above it.
    const h = (b: number, i: number, j: number) =>
      i === j ? 2 * slopes[at(b, i, i)] : slopes[at(b, Math.max(i, j), Math.min(i, j))];
    const found = new Float64Array(weights.length);
    for (let b = 0; b < batch; b++) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          if (j > i) found[at(b, i, j)] = weights[at(b, i, j)] + slopes[at(b, i, j)];
          else for (let k = j; k < n; k++) found[at(b, i, j)] += h(b, i, k) * factor[at(b, k, j)];
        }
      }
    }
    expect(worst(found, (i) => weights[i])).toBeLessThan(40 * n * EPSILON.float64);
  });

  test("one matrix of 1000 rows", () => {
    const n = 1000;
    const [row, column] = [axis("row", n), axis("column", n)];
    const a = input("a", [row, column], "float64");
    const b = input("b", [row], "float64");
    const l = cholesky(a, row, column);
    const x = solveLowerTransposed(l, solveLower(l, b, row, column), row, column);
    const back = sum(a.mul(x), row);
    const program = compile({ outputs: { back } }, { backend, threads: 1 });
    const sides = Float64Array.from({ length: n }, (_, i) => Math.cos(i));
    const found = program.run({ inputs: { a: matrices(1, n), b: sides } });
    expect(worst(found.back.data, (i) => sides[i])).toBeLessThan(40 * n * EPSILON.float64);
  });

  test("NaN from the first column on that shows that a matrix is not positive definite", () => {
    const [row, column] = [axis("row", 20), axis("column", 20)];
    const diagonal = index(row).eq(index(column));
    const bad = index(row).eq(12);
    const one = constant(1, "float64");
    const a = select(diagonal, select(bad, one.neg(), one), one.mul(0));
    const program = compile({ outputs: { l: cholesky(a, row, column) } }, { backend });
    const { axes, data } = program.run().l;
    data.forEach((x: number, at: number) => {
      const place = { [axes[0].name]: Math.floor(at / 20), [axes[1].name]: at % 20 };
      if (place.column < 12) expect(x).toBe(place.row === place.column ? 1 : 0);
      if (place.row === 12 && place.column === 12) expect(x).toBeNaN();
    });
  });
});
