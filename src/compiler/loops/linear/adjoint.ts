/**
 * Adjoints of Cholesky factors, in the place of the adjoint G of the factor L: the symmetric H of which H L has the lower
 * triangle G, from the last column to the first (Murray, "Differentiation of the Cholesky decomposition", 2016,
 * arXiv:1602.07527, section 3). Of each panel of columns the product of what is known of H is taken in tiles, and the rest
 * is done in registers; what is found below the diagonal is written above it, too, where tiles read it.
 */
import { type FloatType, type Scalar, ScalarBuilder } from "../../scalar/language.ts";
import { lanesOf, type Statement, type Target } from "../loops.ts";
import { BLOCK, type Columns, FEWEST_ROWS, panelWidth, tileRows, without } from "./panels.ts";
import {
  type Affine,
  affine,
  type Matrix,
  plus,
  Statements,
  shifted,
  subtractedProduct,
} from "./statements.ts";

/** Columns of a panel at most: half of a factor's, for there are twice the operations to be written out. */
const MOST_COLUMNS = 8;

/** Element by element, for many small matrices in lanes. */
export function adjointInLanes(
  h: Matrix,
  l: Matrix,
  n: number,
  type: FloatType,
): readonly Statement[] {
  const all = new Statements(new ScalarBuilder(), type);
  const b = all.builder;
  const [known, i, k] = [{ name: "known" }, { name: "i" }, { name: "k" }];
  const column = affine(n - 1, [known, -1]);
  all.loop(known, n, (inColumn) => {
    const found = (inner: Statements, row: Affine) => {
      const after = affine(n, [known, -1], [k, 1]);
      const taken = inner.sum(k, affine(0, [known, 1]), (x) =>
        b.mul(x.load(h.at(row, after)), x.load(l.at(after, column))),
      );
      const rest = b.sub(inner.load(h.at(row, column)), taken);
      return inner.name(b.div(rest, inner.load(l.at(column, column))));
    };
    inColumn.loop(i, affine(0, [known, 1]), (inner) => {
      const row = affine(n, [known, -1], [i, 1]);
      const x = found(inner, row);
      inner.store(h.at(row, column), x);
      inner.store(h.at(column, row), x);
    });
    inColumn.store(h.at(column, column), found(inColumn, column));
  });
  return all.list;
}

/** A matrix H in the place of G whose columns are contiguous, and the factor L. */
interface Pair {
  readonly h: Matrix;
  readonly l: Matrix;
  readonly target: Target;
}

/**
 * One matrix whose columns are contiguous. Large matrices in blocks of columns, which take the products of the blocks
 * behind them one by one; blocks in panels.
 */
export function adjointInBlocks(
  h: Matrix,
  l: Matrix,
  n: number,
  type: FloatType,
  target: Target,
): readonly Statement[] {
  const all = new Statements(new ScalarBuilder(), type);
  const wide = n < FEWEST_ROWS ? n : BLOCK;
  const first = n % wide || wide;
  const pair = { h, l, target };
  const [block, behind] = [{ name: "block" }, { name: "behind" }];
  all.loop(block, (n - first) / wide, (inner) => {
    const columns: Columns = {
      start: affine(n - wide, [block, -wide]),
      count: wide,
      below: affine(0, [block, wide]),
    };
    const end = shifted(columns.start, wide);
    inner.loop(behind, affine(0, [block, 1]), (x) => {
      const depth = { from: plus(end, [behind, wide]), count: affine(wide) };
      takeKnown(x, pair, { from: end, count: columns.below }, columns, depth);
    });
    adjointOfColumns(inner, pair, columns);
  });
  const columns = { start: affine(0), count: first, below: affine(n - first) };
  const [end, rest] = [affine(first), affine(n - first)];
  takeKnown(all, pair, { from: end, count: rest }, columns, { from: end, count: rest });
  adjointOfColumns(all, pair, columns);
  return all.list;
}

/** Rows, or steps of a contraction. */
interface Range {
  readonly from: Affine;
  readonly count: Affine;
}

/** The adjoint of columns from which the product with what is below their square has been taken in the rows there. */
function adjointOfColumns(all: Statements, pair: Pair, { start, count, below }: Columns): void {
  const width = panelWidth(all, pair.target, MOST_COLUMNS);
  const first = count % width || width;
  const end = shifted(start, count);
  const onePanel = (inner: Statements, columns: Columns, inSquare: Affine) => {
    const from = shifted(columns.start, columns.count);
    const [here, after] = [
      { from, count: inSquare },
      { from: end, count: below },
    ];
    takeKnown(inner, pair, here, columns, { from, count: columns.below });
    takeKnown(inner, pair, after, columns, here);
    adjointOfPanel(inner, pair, columns);
  };
  const panel = { name: "panel" };
  all.loop(panel, (count - first) / width, (inner) => {
    const at = plus(shifted(start, count - width), [panel, -width]);
    const columns = { start: at, count: width, below: plus(below, [panel, width]) };
    onePanel(inner, columns, affine(0, [panel, width]));
  });
  onePanel(
    all,
    { start, count: first, below: shifted(below, count - first) },
    affine(count - first),
  );
}

/** Takes from rows of columns what the elements of H in those rows make, `depth` of them in each. */
function takeKnown(
  all: Statements,
  { h, l, target }: Pair,
  rows: Range,
  { start, count }: Columns,
  depth: Range,
): void {
  const fixed = rows.count.terms.length === 0 ? rows.count.plus : undefined;
  if (fixed === 0) return;
  const width = panelWidth(all, target, MOST_COLUMNS);
  const across = tileRows(all, target, width);
  const [row, column] = [{ name: "row" }, { name: "column" }];
  const tile = subtractedProduct({
    type: all.type,
    a: l.at(depth.from, shifted(start, column)),
    b: h.at(shifted(rows.from, row), depth.from),
    c: h.at(shifted(rows.from, row), shifted(start, column)),
    strides: {
      aRow: l.columnStride,
      aStep: l.rowStride,
      bStep: h.columnStride,
      cRow: h.columnStride,
    },
    rows: { full: across, count, at: column },
    columns: { full: width, count: fixed ?? width, at: row },
    depth: depth.count,
  });
  all.loop(row, rows.count, (x) => x.loop(column, count, (y) => y.add(tile), { step: across }), {
    step: width,
  });
}

/** The adjoint of a panel, from which the product with what is behind it has been taken in the rows below. */
function adjointOfPanel(all: Statements, pair: Pair, columns: Columns): void {
  const { start, count, below } = columns;
  const { h, l } = pair;
  const b = all.builder;
  const at = (m: Matrix, i: number, j: number) => m.at(shifted(start, i), shifted(start, j));
  // Column by column: in this order the sums run over elements next to each other.
  const factor = Array.from({ length: count }, (_, j) =>
    Array.from({ length: count }, (_, i) => (i < j ? undefined : all.load(at(l, i, j)))),
  ) as Scalar[][];
  const one = b.constant(all.type, 1);
  const inverse = factor.map((column, j) => all.name(b.div(one, column[j])));
  const v = { name: "below" };
  const from = shifted(start, count);
  all.loop(
    v,
    below,
    (inner) => {
      const [row, here] = [shifted(from, v), (j: number) => shifted(start, j)];
      const found: Scalar[] = [];
      for (let j = count - 1; j >= 0; j--) {
        const rest = without(b, inner.load(h.at(row, here(j))), found, factor[j], j + 1, count);
        found[j] = inner.name(b.mul(rest, inverse[j]));
      }
      found.forEach((x, j) => {
        inner.store(h.at(row, here(j)), x);
        inner.store(h.at(here(j), row), x);
      });
    },
    { lanes: lanesOf(all.type, pair.target) },
  );
  takeKnown(all, pair, { from: start, count: affine(count) }, columns, { from, count: below });
  const found: Scalar[][] = Array.from({ length: count }, () => []);
  for (let j = count - 1; j >= 0; j--) {
    for (let i = count - 1; i >= j; i--) {
      const rest = without(b, all.load(at(h, i, j)), found[i], factor[j], j + 1, count);
      found[i][j] = found[j][i] = all.name(b.mul(rest, inverse[j]));
    }
  }
  found.forEach((row, i) => {
    row.forEach((x, j) => {
      all.store(at(h, i, j), x);
    });
  });
}
