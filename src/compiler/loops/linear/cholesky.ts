/**
 * Cholesky factors, in the place of the matrix (Golub and Van Loan, "Matrix computations", 2013, section 4.2).
 * Small matrices row by row, many at a time; others in panels of a few columns: what the columns before take
 * from a panel is a matrix product, done in tiles; the rest of the panel is done in registers.
 */
import { type FloatType, type Scalar, ScalarBuilder } from "../../scalar/language.ts";
import { type Count, lanesOf, type Statement, type Target } from "../loops.ts";
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

/** Columns of a panel at most. */
const MOST_COLUMNS = 16;

/** The statements that replace the lower triangle of `l` by its factor; what is above it is 0 already. */
export function factorInLanes(l: Matrix, n: number, type: FloatType): readonly Statement[] {
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

/**
 * The same for one matrix whose columns are contiguous; writes what is above the diagonal, too. Large matrices in
 * blocks of columns, each of which takes the products of those before, one by one; blocks in panels.
 */
export function factorInBlocks(
  l: Matrix,
  n: number,
  type: FloatType,
  target: Target,
): readonly Statement[] {
  const all = new Statements(new ScalarBuilder(), type);
  const wide = n < FEWEST_ROWS ? n : BLOCK;
  const first = n % wide || wide;
  factorColumns(all, l, { start: affine(0), count: first, below: affine(n - first) }, target);
  const [block, before] = [{ name: "block" }, { name: "before" }];
  all.loop(block, (n - first) / wide, (inner) => {
    const columns: Columns = {
      start: affine(first, [block, wide]),
      count: wide,
      below: affine(n - first - wide, [block, -wide]),
    };
    takeProduct(inner, l, affine(0), affine(first), columns, target);
    inner.loop(before, affine(0, [block, 1]), (x) =>
      takeProduct(x, l, affine(first, [before, wide]), affine(wide), columns, target),
    );
    factorColumns(inner, l, columns, target);
  });
  return all.list;
}

/** Factors columns panel by panel, and divides the rows below them by the factor. */
function factorColumns(
  all: Statements,
  l: Matrix,
  { start, count, below }: Columns,
  target: Target,
): void {
  const lanes = lanesOf(all.type, target);
  const width = panelWidth(all, target, MOST_COLUMNS);
  const first = count % width || width;
  factorPanel(all, l, { start, count: first, below: shifted(below, count - first) }, lanes);
  const panel = { name: "panel" };
  all.loop(panel, (count - first) / width, (inner) => {
    const columns: Columns = {
      start: plus(shifted(start, first), [panel, width]),
      count: width,
      below: plus(shifted(below, count - first - width), [panel, -width]),
    };
    takeProduct(inner, l, start, affine(first, [panel, width]), columns, target);
    factorPanel(inner, l, columns, lanes);
  });
}

/**
 * Takes from columns the product of the `depth` columns from `from` on, in the lower triangle of their square and in
 * the rows below it. All tiles are whole: what is left over stands in the first block, and in its first panel.
 */
function takeProduct(
  all: Statements,
  l: Matrix,
  from: Affine,
  depth: Affine,
  { start, count, below }: Columns,
  target: Target,
): void {
  const type = all.type;
  const width = panelWidth(all, target, MOST_COLUMNS);
  const rows = tileRows(all, target, width);
  const [row, column] = [{ name: "row" }, { name: "column" }];
  const tiles = (origin: Affine, columns: Count, to: Count) => {
    const tile = subtractedProduct({
      type,
      a: l.at(shifted(start, row), from),
      b: l.at(shifted(origin, column), from),
      c: l.at(shifted(origin, column), shifted(start, row)),
      strides: {
        aRow: l.rowStride,
        aStep: l.columnStride,
        bStep: l.columnStride,
        cRow: l.columnStride,
      },
      rows: { full: rows, count, at: row },
      columns: { full: width, count: width, at: column },
      depth,
    });
    all.loop(column, columns, (x) => x.loop(row, to, (y) => y.add(tile), { step: rows }), {
      step: width,
    });
  };
  tiles(start, count, affine(width, [column, 1]));
  tiles(shifted(start, count), below, count);
}

/** Factors columns in registers, and divides the rows below them by the factor. */
function factorPanel(
  all: Statements,
  l: Matrix,
  { start, count: width, below }: Columns,
  lanes: number,
): void {
  const b = all.builder;
  const at = (i: number, j: number) => l.at(shifted(start, i), shifted(start, j));
  const factor: Scalar[][] = Array.from({ length: width }, () => []);
  for (let j = 0; j < width; j++) {
    for (let i = j; i < width; i++) {
      const rest = without(b, all.load(at(i, j)), factor[i], factor[j], 0, j);
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
        const rest = without(b, inner.load(place(j)), row, factor[j], 0, j);
        row.push(inner.name(b.mul(rest, inverse[j])));
      }
      row.forEach((x, j) => {
        inner.store(place(j), x);
      });
    },
    { lanes },
  );
}

/** The root of a pivot; NaN unless it is greater than 0 and finite. */
function root({ builder: b, type }: Statements, pivot: Scalar): Scalar {
  const number = (x: number) => b.constant(type, x);
  const isRoot = b.and(b.lt(number(0), pivot), b.lt(pivot, number(Number.POSITIVE_INFINITY)));
  return b.sqrt(b.select(isRoot, pivot, number(Number.NaN)));
}
