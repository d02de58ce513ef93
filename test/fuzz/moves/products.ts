/** Products, layers of networks, factors and equations. */
import {
  type Axis,
  cast,
  cholesky,
  grad,
  index,
  isFloat,
  logDeterminant,
  make,
  rename,
  select,
  sizeOf,
  solveLower,
  solveLowerTransposed,
  sum,
  type Tensor,
  tanh,
} from "../../../src/tensor/internal.ts";
import type { Builder } from "../graphs.ts";
import { activation, type Move, of, someAxes } from "./choices.ts";

/** A layer of a network on a node: activation(sum(x w) + bias). */
export const layer: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  dense(b, x, q, r);
};

function dense(b: Builder, x: Tensor, q: number, r: number): void {
  const over = someAxes(x, q);
  const columns = b.subset(b.axes, q >> 3).filter((a) => !x.has(a));
  const batch = b.subset(x.axes, q >> 6).filter((a) => !over.includes(a));
  const axes = (r & 1) === 0 ? [...over, ...columns, ...batch] : [...batch, ...columns, ...over];
  if (sizeOf(axes) > 2000) return;
  const w = b.leaf(x.dtype, axes, 6, (r >> 1) % 3);
  const product = (r & 8) === 0 ? x.mul(w) : w.mul(x);
  const y = sum(product, ...over);
  b.push(activation((r & 16) === 0 ? y : y.add(b.leaf(x.dtype, columns, 0)), r >> 5));
}

/** A layer on pixels. */
export const onBytes: Move = (b, p, q, r) => {
  const bytes = b.pick(p, (x) => x.dtype === "uint8") ?? b.leaf("uint8", b.subset(b.axes, p), p);
  const x = cast(bytes, b.float(p));
  dense(b, (r & 1) === 0 ? x : x.mul(1 / 255).sub(0.5), q, r >> 1);
};

/** A sum of a product of two or three nodes. */
export const contract: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const y = b.pickLike(x, q);
  const z = r % 3 === 0 ? y.mul(b.pickLike(x, p + q)) : y;
  const product = (r & 4) === 0 ? x.mul(z) : z.mul(x);
  b.push(sum(product, ...someAxes(product, r >> 3)));
};

/** Multiplications of one such product. */
const MOST_OF_MATRICES = 60_000;

/** Two leaves, laid out for a matrix product of their own, or for two with the same columns. */
export const matrices: Move = (b, p, q, r) => {
  const dtype = b.float(p);
  const [rows, columns, contracted] = [0, 1, 2].map((k) => of(b.axes, p + k));
  if (new Set([rows, columns, contracted]).size < 3) return;
  const left = q % 2 === 0 ? [rows, contracted] : [contracted, rows];
  const inner = q % 5 < 2 ? [b.newAxis(2 + (r % 6))] : [];
  const wide = [columns, ...inner];
  if (sizeOf([...wide, rows, contracted]) > MOST_OF_MATRICES) return;
  const right = q % 3 === 0 ? [contracted, ...wide] : [...wide, contracted];
  const x = b.leaf(dtype, left, q >> 1);
  const y = b.leaf(dtype, right, 0);
  b.push(activation(sum(x.mul(y), contracted), r));
  if (r % 3 > 0) b.push(sum(tanh(x).mul(y), contracted));
};

/** The elements of one matrix of a batch at most. */
const MOST_ROWS = 20;

/** A lower triangle with ones and more on its diagonal, and rows that repeat a node as columns. */
function triangleOf(x: Tensor, row: Axis, column: Axis): Tensor {
  const [i, j] = [index(row), index(column)];
  const outer = tanh(x).mul(tanh(rename(x, row, column)).mul(1 / row.size));
  return select(i.eq(j), outer.add(1.5), select(j.lt(i), outer, 0));
}

/** The adjoint of a factor of nodes, of which one is the triangle and one what it is given, or a derivative of it. */
export const factorAdjoint: Move = (b, p, q, r) => {
  const x = b.pick(
    p,
    (t) => isFloat(t.dtype) && t.axes.length > 0 && of(t.axes, q).size <= MOST_ROWS,
  );
  if (x === undefined) return;
  const row = of(x.axes, q);
  const column = b.newAxis(row.size);
  const given = b.pickLike(x, r >> 3);
  const other = given.has(row) ? given : given.add(x);
  const outer = rename(other, row, column).mul(r % 4 < 2 ? x : 0.5);
  const below = select(index(column).le(index(row)), outer, 0);
  const h = make({ op: "choleskyAdjoint", row, column }, [triangleOf(x, row, column), below]);
  if (!b.accepts([h])) return;
  if (r % 2 === 0) {
    b.push(h);
    return;
  }
  const found = grad(sum(tanh(h)), [x]);
  if (b.accepts(found)) b.push(found[0]);
};

/**
 * The factor of a positive definite matrix made of a node, or the solution of equations with a lower triangle
 * made of it, with whatever axes the node and the right-hand side have beside the rows; or a derivative of it.
 */
export const solvedFor: Move = (b, p, q, r) => {
  const x = b.pick(
    p,
    (t) => isFloat(t.dtype) && t.axes.length > 0 && of(t.axes, q).size <= MOST_ROWS,
  );
  if (x === undefined) return;
  const row = of(x.axes, q);
  const column = b.newAxis(row.size);
  const [i, j] = [index(row), index(column)];
  const other = tanh(rename(x, row, column));
  const size = row.size;
  const outer = tanh(x)
    .mul(other)
    .mul(1 / size);
  const matrix = select(i.eq(j), outer.add(1.5), outer);
  const l = r % 2 === 0 ? cholesky(matrix, row, column) : select(i.eq(j), outer.add(1.5), outer);
  const right = b.pickLike(x, r >> 4);
  const forms = [
    () => l,
    () => solveLower(l, right.has(row) ? right : right.add(x), row, column),
    () => solveLowerTransposed(l, rename(x, row, column), row, column),
    () => sum(logDeterminant(l, row, column)),
  ];
  const result = of(forms, r >> 1)();
  if (!b.accepts([result])) return;
  if (r % 16 < 8) b.push(result);
  else {
    const found = grad(sum(tanh(result)), [x]);
    if (b.accepts(found)) b.push(found[0]);
  }
};
