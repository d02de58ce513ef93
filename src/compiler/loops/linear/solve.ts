/**
 * Triangular equations by substitution, in the place of the right-hand side (Golub and Van Loan, "Matrix
 * computations", 2013, section 3.1). The matrix `m` has a row for each equation and a column for each unknown;
 * a lower triangle is solved forwards, an upper one backwards. Elements on its other side are not read.
 */
import { type Scalar, ScalarBuilder } from "../../scalar/language.ts";
import type { Count, Statement, Target, Variable } from "../loops.ts";
import {
  type Affine,
  affine,
  type Matrix,
  Statements,
  shifted,
  subtractedProduct,
} from "./statements.ts";

type Float = "f32" | "f64";

/** A triangular matrix of equations. */
export interface Triangle {
  /** Its elements. */
  readonly m: Matrix;
  /** How many rows it has. */
  readonly n: number;
  /** Whether the unknowns are found from the last to the first. */
  readonly backwards: boolean;
}

const NOWHERE = affine(0);

/**
 * Unknown by unknown, each from the sum over those that are known. The sum is done in `lanes` where `x` is one
 * vector; else each lane has a vector of its own.
 */
export function solveBySums(
  { m, n, backwards }: Triangle,
  x: Matrix,
  type: Float,
  lanes: number,
): readonly Statement[] {
  const all = new Statements(new ScalarBuilder(), type);
  const b = all.builder;
  const [i, k] = [{ name: "i" }, { name: "k" }];
  const at = backwards ? affine(n - 1, [i, -1]) : affine(0, [i, 1]);
  const known = backwards ? affine(n, [i, -1], [k, 1]) : affine(0, [k, 1]);
  all.loop(i, n, (inner) => {
    const taken = inner.sum(
      k,
      affine(0, [i, 1]),
      (y) => b.mul(y.load(m.at(at, known)), y.load(x.at(known, NOWHERE))),
      lanes,
    );
    const rest = b.sub(inner.load(x.at(at, NOWHERE)), taken);
    inner.store(x.at(at, NOWHERE), b.div(rest, inner.load(m.at(at, at))));
  });
  return all.list;
}

/** Unknown by unknown, each taken from the equations of those to come as soon as it is known. */
export function solveByColumns(
  { m, n, backwards }: Triangle,
  x: Matrix,
  type: Float,
  lanes: number,
): readonly Statement[] {
  const all = new Statements(new ScalarBuilder(), type);
  const b = all.builder;
  const [i, k] = [{ name: "i" }, { name: "k" }];
  const at = backwards ? affine(n - 1, [i, -1]) : affine(0, [i, 1]);
  const other = backwards ? affine(0, [k, 1]) : affine(1, [i, 1], [k, 1]);
  all.loop(i, n, (inner) => {
    const found = inner.name(b.div(inner.load(x.at(at, NOWHERE)), inner.load(m.at(at, at))));
    inner.store(x.at(at, NOWHERE), found);
    inner.loop(
      k,
      affine(n - 1, [i, -1]),
      (y) => {
        const product = b.mul(y.load(m.at(other, at)), found);
        y.store(x.at(other, NOWHERE), b.sub(y.load(x.at(other, NOWHERE)), product));
      },
      { lanes },
    );
  });
  return all.list;
}

/**
 * Many right-hand sides, `columns` of them: a few equations at a time. What the known unknowns take from them is
 * a matrix product, done in tiles; these equations' own unknowns are found in registers.
 */
export function solveInBlocks(
  { m, n, backwards }: Triangle,
  x: Matrix,
  columns: Count,
  type: Float,
  target: Target,
): readonly Statement[] {
  const { rows, columns: wide } = target.tile[type];
  const lanes = target.vectorBytes / (type === "f32" ? 4 : 8);
  const first = n % rows || rows;
  const all = new Statements(new ScalarBuilder(), type);
  const solve = (into: Statements, start: Affine, count: number) =>
    solveBlock(into, { m, n: count, backwards }, x, start, columns, lanes);
  solve(all, affine(backwards ? n - first : 0), first);
  const [block, column, row] = [{ name: "block" }, { name: "column" }, { name: "row" }];
  all.loop(block, (n - first) / rows, (inner) => {
    const start = backwards
      ? affine(n - first - rows, [block, -rows])
      : affine(first, [block, rows]);
    const known = backwards ? shifted(start, rows) : NOWHERE;
    const tile = subtractedProduct({
      type,
      a: m.at(start, known),
      b: x.at(known, affine(0, [column, 1])),
      c: x.at(start, affine(0, [column, 1])),
      strides: {
        aRow: m.rowStride,
        aStep: m.columnStride,
        bStep: x.rowStride,
        cRow: x.rowStride,
      },
      rows: { full: rows, count: rows, at: row },
      columns: { full: wide, count: columns, at: column },
      depth: affine(first, [block, rows]),
    });
    inner.loop(column, columns, (y) => y.add(tile), { step: wide });
    solve(inner, start, rows);
  });
  return all.list;
}

/** Solves the `n` equations from `start` on for all columns. */
function solveBlock(
  all: Statements,
  { m, n, backwards }: Triangle,
  x: Matrix,
  start: Affine,
  columns: Count,
  lanes: number,
): void {
  const b = all.builder;
  const order = Array.from({ length: n }, (_, i) => (backwards ? n - 1 - i : i));
  const at = (i: number, j: number) => m.at(shifted(start, i), shifted(start, j));
  const triangle = order.map((i, p) => order.slice(0, p + 1).map((j) => all.load(at(i, j))));
  const v: Variable = { name: "right" };
  all.loop(
    v,
    columns,
    (inner) => {
      const found: Scalar[] = [];
      order.forEach((i, p) => {
        let rest = inner.load(x.at(shifted(start, i), affine(0, [v, 1])));
        for (let q = 0; q < p; q++) rest = b.sub(rest, b.mul(triangle[p][q], found[q]));
        found.push(inner.name(b.div(rest, triangle[p][p])));
      });
      order.forEach((i, p) => {
        inner.store(x.at(shifted(start, i), affine(0, [v, 1])), found[p]);
      });
    },
    { lanes },
  );
}
