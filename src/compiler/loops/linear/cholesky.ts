/**
 * Cholesky factors, in the place of the matrix (Golub and Van Loan, "Matrix computations", 2013, section 4.2).
 * Small matrices row by row, many at a time; others in panels of a few columns: what the columns before take
 * from a panel is a matrix product, done in tiles; the rest of the panel is done in registers.
 */
import { type Scalar, ScalarBuilder } from "../../scalar/language.ts";
import type { Statement, Target, Tile } from "../loops.ts";
import {
  type Affine,
  affine,
  type Matrix,
  Statements,
  shifted,
  subtractedProduct,
} from "./statements.ts";

type Float = "f32" | "f64";

/** Columns of a panel at most: their factor is written out. */
const MOST_COLUMNS = 16;

/** The statements that replace the lower triangle of `l` by its factor; what is above it is 0 already. */
export function factorInLanes(l: Matrix, n: number, type: Float): readonly Statement[] {
  const all = new Statements(new ScalarBuilder(), type);
  const b = all.builder;
  const [i, j, k] = [{ name: "i" }, { name: "j" }, { name: "k" }];
  const [row, column, before] = [i, j, k].map((v) => affine(0, [v, 1]));
  all.loop(i, n, (inRow) => {
    inRow.loop(j, row, (at) => {
      const taken = at.sum(k, column, (x) =>
        b.mul(x.load(l.at(row, before)), x.load(l.at(column, before))),
      );
      const rest = b.sub(at.load(l.at(row, column)), taken);
      at.store(l.at(row, column), b.div(rest, at.load(l.at(column, column))));
    });
    const taken = inRow.sum(k, row, (x) => {
      const y = x.load(l.at(row, before));
      return b.mul(y, y);
    });
    inRow.store(l.at(row, row), root(inRow, b.sub(inRow.load(l.at(row, row)), taken)));
  });
  return all.list;
}

/** The same for one matrix whose columns are contiguous; writes what is above the diagonal, too. */
export function factorInBlocks(
  l: Matrix,
  n: number,
  type: Float,
  target: Target,
): readonly Statement[] {
  const lanes = target.vectorBytes / (type === "f32" ? 4 : 8);
  const width = Math.min(MOST_COLUMNS, 2 * lanes);
  const first = n % width || width;
  const all = new Statements(new ScalarBuilder(), type);
  factorPanel(all, l, affine(0), first, affine(n - first), lanes);
  const panel = { name: "panel" };
  all.loop(panel, (n - first) / width, (inner) => {
    const start = affine(first, [panel, width]);
    const left = affine(n - first, [panel, -width]);
    const [tile, loops] = productBefore(l, start, width, type, target);
    inner.loop(
      loops.column,
      left,
      (x) => x.loop(loops.row, width, (y) => y.add(tile), { step: tile.rows.full }),
      {
        step: width,
      },
    );
    factorPanel(inner, l, start, width, shifted(left, -width), lanes);
  });
  return all.list;
}

/**
 * Takes the product of the columns before a panel from a square block of it. All tiles are whole: the
 * columns of the first panel are those that are left over, and blocks are as wide as high.
 */
function productBefore(
  l: Matrix,
  start: Affine,
  width: number,
  type: Float,
  target: Target,
): readonly [Tile, { readonly row: { name: string }; readonly column: { name: string } }] {
  const [row, column] = [{ name: "row" }, { name: "column" }];
  const most = target.tile[type].rows;
  const rows = [16, 8, 4, 2, 1].find((n) => n <= most && width % n === 0) as number;
  const origin = affine(0);
  const tile = subtractedProduct({
    type,
    a: l.at(shifted(start, row), origin),
    b: l.at(shifted(start, column), origin),
    c: l.at(shifted(start, column), shifted(start, row)),
    strides: {
      aRow: l.rowStride,
      aStep: l.columnStride,
      bStep: l.columnStride,
      cRow: l.columnStride,
    },
    rows: { full: rows, count: width, at: row },
    columns: { full: width, count: width, at: column },
    depth: start,
  });
  return [tile, { row, column }];
}

/** Factors the `width` columns from `start` on, and divides the rows `below` them by the factor. */
function factorPanel(
  all: Statements,
  l: Matrix,
  start: Affine,
  width: number,
  below: Affine,
  lanes: number,
): void {
  const b = all.builder;
  const at = (i: number, j: number) => l.at(shifted(start, i), shifted(start, j));
  const factor: Scalar[][] = Array.from({ length: width }, () => []);
  for (let j = 0; j < width; j++) {
    for (let i = j; i < width; i++) {
      const rest = without(b, all.load(at(i, j)), factor[i], factor[j], j);
      factor[i][j] = all.name(i === j ? root(all, rest) : b.div(rest, factor[j][j]));
    }
  }
  const zero = b.constant(all.type, 0);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) all.store(at(i, j), i < j ? zero : factor[i][j]);
  }
  if (below.terms.length === 0 && below.plus === 0) return;
  const inverse = factor.map((row, j) => all.name(b.div(b.constant(all.type, 1), row[j])));
  const v = { name: "below" };
  all.loop(
    v,
    below,
    (inner) => {
      const place = (j: number) => l.at(shifted(shifted(start, width), v), shifted(start, j));
      const row: Scalar[] = [];
      for (let j = 0; j < width; j++) {
        const rest = without(b, inner.load(place(j)), row, factor[j], j);
        row.push(inner.name(b.mul(rest, inverse[j])));
      }
      row.forEach((x, j) => {
        inner.store(place(j), x);
      });
    },
    { lanes },
  );
}

/** x minus the products of the first `n` elements of two rows. */
function without(
  b: ScalarBuilder,
  x: Scalar,
  p: readonly Scalar[],
  q: readonly Scalar[],
  n: number,
): Scalar {
  let rest = x;
  for (let k = 0; k < n; k++) rest = b.sub(rest, b.mul(p[k], q[k]));
  return rest;
}

/** The root of a pivot; NaN unless it is greater than 0 and finite. */
function root({ builder: b, type }: Statements, pivot: Scalar): Scalar {
  const number = (x: number) => b.constant(type, x);
  const isRoot = b.and(b.lt(number(0), pivot), b.lt(pivot, number(Number.POSITIVE_INFINITY)));
  return b.sqrt(b.select(isRoot, pivot, number(Number.NaN)));
}
