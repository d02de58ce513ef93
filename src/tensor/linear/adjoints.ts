/**
 * Reverse-mode derivatives of Cholesky factors and triangular equations (Murray, "Differentiation of the
 * Cholesky decomposition", 2016, arXiv:1602.07527, equation 10; Giles, "Collected matrix derivative results
 * for forward and reverse mode algorithmic differentiation", 2008), made of the same operations, so that derivatives of
 * any order exist.
 */
import { type Axis, axis, withoutAxes } from "../axis.ts";
import { index, rename, select, sum } from "../math.ts";
import type { OperationOf } from "../ops.ts";
import { make, type Tensor } from "../tensor.ts";

/**
 * The adjoint of the lower triangle of A = L L^T, given that of L. With Phi(M) the lower triangle of M with half its
 * diagonal, S = L^-T Phi(L^T Lbar) L^-1. An element below the diagonal stands for that above, too, so its adjoint
 * is S_ij + S_ji; on the diagonal it is S_ii.
 */
export function adjointOfCholesky(
  g: Tensor,
  l: Tensor,
  { row, column }: OperationOf<"cholesky">,
): Tensor {
  const [row2, column2] = [axis(`#${row.name}`, row.size), axis(`#${column.name}`, column.size)];
  const [i, j, j2] = [row, column, column2].map(index);
  const bar = rename(select(i.ge(j), g, 0), column, column2);
  const product = sum(l.mul(bar), row);
  const phi = select(j2.lt(j), product, select(j2.eq(j), product.mul(0.5), 0));
  const left = solve(l, phi, row, column, true);
  const turned = rename(rename(left, row, row2), column2, column);
  // Over `row` and `row2`: element (i, k) is S_ki.
  const s = solve(l, turned, row, column, true);
  const here = rename(s, row2, column);
  const mirrored = rename(rename(s, row, column), row2, row);
  return select(j.lt(i), here.add(mirrored), select(j.eq(i), here, 0));
}

/** The adjoints of L and of b where x solves L x = b: v = L^-T xbar is that of b, -v x^T that of L. */
export function adjointOfSolve(
  g: Tensor,
  x: Tensor,
  { row, column, transposed }: OperationOf<"triangularSolve">,
): Tensor[] {
  const [l] = x.inputs;
  const v = solve(l, g, row, column, !transposed);
  const right = withoutAxes(x.axes, l.axes);
  const product = v.mul(x);
  const outer = right.length === 0 ? product : sum(product, ...right);
  return [select(index(row).ge(index(column)), outer.neg(), 0), v];
}

function solve(l: Tensor, b: Tensor, row: Axis, column: Axis, transposed: boolean): Tensor {
  return make({ op: "triangularSolve", row, column, transposed }, [l, b]);
}
