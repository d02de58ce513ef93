/**
 * Reverse-mode derivatives of Cholesky factors and triangular equations (Murray, "Differentiation of the
 * Cholesky decomposition", 2016, arXiv:1602.07527; Giles, "Collected matrix derivative results for forward and reverse
 * mode algorithmic differentiation", 2008), made of the same operations, so that derivatives of any order exist.
 */
import { type Axis, axis, withoutAxes } from "../axis.ts";
import { rename } from "../indexing.ts";
import { index, select, sum } from "../math.ts";
import type { OperationOf } from "../ops.ts";
import { make, type Tensor } from "../tensor.ts";

/**
 * The adjoint of the lower triangle of A = L L^T, given G, that of L. As dA = dL L^T + L dL^T, the symmetric H of which
 * H L has the lower triangle G is twice that of all elements of A. An element below the diagonal stands for that above,
 * too, so its adjoint is H_ij; on the diagonal it is H_ii / 2.
 */
export function adjointOfCholesky(
  g: Tensor,
  l: Tensor,
  { row, column }: OperationOf<"cholesky">,
): Tensor {
  const [i, j] = [row, column].map(index);
  const h = make({ op: "choleskyAdjoint", row, column }, [l, g]);
  return select(j.lt(i), h, select(j.eq(i), h.mul(0.5), 0));
}

/**
 * The adjoints of L and of G, given that of H. The map from G to H is the inverse of the adjoint of the map from dL to dA.
 * So Gbar is the dL that belongs to dA = Hbar + Hbar^T, which is L Phi(L^-1 dA L^-T), where Phi takes the lower
 * triangle and halves its diagonal; and as the lower triangle of H dL changes as G does, Lbar is that of -H Gbar.
 */
export function adjointOfCholeskyAdjoint(
  hbar: Tensor,
  h: Tensor,
  { row, column }: OperationOf<"choleskyAdjoint">,
): Tensor[] {
  const [l] = h.inputs;
  const other = axis(`#${row.name}`, row.size);
  const [i, j, k] = [row, column, other].map(index);
  // Over both axes, also where it is the same along one.
  const bar = select(i.eq(j), hbar, hbar);
  const turned = rename(rename(rename(bar, row, other), column, row), other, column);
  const left = solve(l, rename(bar.add(turned), column, other), row, column, false);
  const both = solve(l, rename(rename(left, other, row), column, other), row, column, false);
  const phi = select(k.lt(j), both, select(k.eq(j), both.mul(0.5), 0));
  const gbar = sum(l.mul(phi), column);
  const lbar = rename(sum(h.mul(rename(gbar, row, column)), column), other, column);
  return [select(i.ge(j), lbar.neg(), 0), rename(gbar, other, column)];
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
