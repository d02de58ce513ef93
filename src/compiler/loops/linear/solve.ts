/**
 * Triangular equations by substitution, in the place of the right-hand side (Golub and Van Loan, "Matrix
 * computations", 2013, section 3.1). The matrix `m` has a row for each equation and a column for each unknown;
 * a lower triangle is solved forwards, an upper one backwards. Elements on its other side are not read.
 */
import { type FloatType, type Scalar, ScalarBuilder } from "../../scalar/language.ts";
import { type Count, lanesOf, type Statement, type Target, type Variable } from "../loops.ts";
import { FEWEST_ROWS } from "./panels.ts";
import {
  type Affine,
  affine,
  type Matrix,
  plus,
  Statements,
  shifted,
  subtractedProduct,
} from "./statements.ts";

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

/** Tiles in a block of equations. What two blocks take from each other stays near. */
const BLOCK_TILES = 8;

/**
 * Unknown by unknown, each from the sum over those that are known. The sum is done in `lanes` where `x` is one
 * vector; else each lane has a vector of its own.
 */
export function solveBySums(
  { m, n, backwards }: Triangle,
  x: Matrix,
  type: FloatType,
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
  type: FloatType,
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
 * Many right-hand sides, `columns` of them, a few equations at a time. What the known unknowns take from them is
 * a matrix product, done in tiles; these equations' own unknowns are found in registers. Large matrices in blocks of
 * equations, which take the products of the blocks before one by one.
 */
export function solveInBlocks(
  triangle: Triangle,
  x: Matrix,
  columns: Count,
  type: FloatType,
  target: Target,
): readonly Statement[] {
  const { n } = triangle;
  const { rows } = target.tile[type];
  const wide = n < FEWEST_ROWS ? n : BLOCK_TILES * rows;
  const first = n % wide || wide;
  const all = new Statements(new ScalarBuilder(), type);
  const within = { triangle, x, columns, target };
  solveEquations(all, within, NOWHERE, first);
  const [block, before] = [{ name: "block" }, { name: "before" }];
  all.loop(block, (n - first) / wide, (inner) => {
    const solved = affine(first, [block, wide]);
    takeKnown(inner, within, NOWHERE, affine(first), solved, wide);
    inner.loop(before, affine(0, [block, 1]), (y) =>
      takeKnown(y, within, affine(first, [before, wide]), affine(wide), solved, wide),
    );
    solveEquations(inner, within, solved, wide);
  });
  return all.list;
}

/** What equations are solved for, and how. */
interface Equations {
  readonly triangle: Triangle;
  /** The right-hand sides, in whose place the unknowns are written. */
  readonly x: Matrix;
  readonly columns: Count;
  readonly target: Target;
}

/** Where `count` equations begin of which `solved` are solved before. */
function placeOf({ n, backwards }: Triangle, solved: Affine, count: number | Affine): Affine {
  if (!backwards) return solved;
  const { terms, plus: of } = typeof count === "number" ? affine(count) : count;
  const all = [...solved.terms, ...terms];
  return {
    terms: all.map(({ variable, factor }) => ({ variable, factor: -factor })),
    plus: n - of - solved.plus,
  };
}

/** Solves `count` equations, `solved` being solved before, whose part has been taken. */
function solveEquations(all: Statements, within: Equations, solved: Affine, count: number): void {
  const { triangle, x, columns, target } = within;
  const { rows } = target.tile[all.type];
  const lanes = lanesOf(all.type, target);
  const first = count % rows || rows;
  const solve = (into: Statements, before: Affine, n: number) =>
    solveBlock(into, { ...triangle, n }, x, placeOf(triangle, before, n), columns, lanes);
  solve(all, solved, first);
  const few = { name: "few" };
  all.loop(few, (count - first) / rows, (inner) => {
    const here = plus(shifted(solved, first), [few, rows]);
    takeKnown(inner, within, solved, affine(first, [few, rows]), here, rows);
    solve(inner, here, rows);
  });
}

/** Takes from `count` equations, before which `solved` are solved, what `depth` unknowns behind the first `from` make. */
function takeKnown(
  all: Statements,
  { triangle, x, columns, target }: Equations,
  from: Affine,
  depth: Affine,
  solved: Affine,
  count: number,
): void {
  const type = all.type;
  const { rows, columns: wide } = target.tile[type];
  const { m } = triangle;
  const [start, known] = [placeOf(triangle, solved, count), placeOf(triangle, from, depth)];
  const [column, row] = [{ name: "column" }, { name: "row" }];
  const at = affine(0, [column, 1]);
  const tile = subtractedProduct({
    type,
    a: m.at(shifted(start, row), known),
    b: x.at(known, at),
    c: x.at(shifted(start, row), at),
    strides: {
      aRow: m.rowStride,
      aStep: m.columnStride,
      bStep: x.rowStride,
      cRow: x.rowStride,
    },
    rows: { full: rows, count, at: row },
    columns: { full: wide, count: columns, at: column },
    depth,
  });
  all.loop(column, columns, (y) => y.loop(row, count, (z) => z.add(tile), { step: rows }), {
    step: wide,
  });
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
