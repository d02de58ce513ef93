import { type Axis, axis } from "../axis.ts";
import { and } from "../bits.ts";
import { gatherClamped } from "../known/gather.ts";
import { index, log, rename, select, sqrt, sum } from "../math.ts";
import { scan } from "../scan/scan.ts";
import { constant, type Tensor } from "../tensor.ts";
import { checkSquare, diagonal } from "./square.ts";

/**
 * The lower triangle L over `row` and `column` with A = L L^T, for symmetric positive definite A, of
 * which only the lower triangle is read; other axes are a batch. Column by column (Golub and Van Loan,
 * "Matrix computations", 2013, section 4.2),
 *
 *     L_ij = (A_ij - sum_{k < j} L_ik L_jk) / L_jj,  L_jj the root of the same for i = j.
 *
 * Where A is not positive definite, or not finite, L is NaN from the first column on where it shows. For n
 * rows the work is O(n^3); derivatives, of any order, keep the factor of each step and need O(n^3) memory.
 *
 * @throws SurmiseError if A is not a floating-point matrix over two axes of one size.
 *
 * @example logDeterminant(cholesky(covariance, row, column), row, column).mul(2)
 */
export function cholesky(a: Tensor, row: Axis, column: Axis): Tensor {
  checkSquare("cholesky", a, row, column);
  const step = axis("#column", column.size);
  const columns = rename(a, column, step);
  const empty = select(index(row).eq(index(column)), constant(0, a.dtype), 0);
  const { last } = scan(step, { l: empty }, ({ l }, turn) => {
    const before = sum(l.mul(gatherClamped(l, row, turn.position)), column);
    const rest = turn.at(columns).sub(before);
    const pivot = gatherClamped(rest, row, turn.position);
    const isRoot = and(pivot.gt(0), pivot.lt(Number.POSITIVE_INFINITY));
    const root = sqrt(select(isRoot, pivot, Number.NaN));
    const next = select(index(row).ge(turn.position), rest.div(root), 0);
    return { carries: { l: select(index(column).eq(turn.position), next, l) } };
  });
  return last.l;
}

/**
 * log |det L| of a triangular matrix over `row` and `column` with a positive diagonal, the sum of its
 * logarithms; NaN where the diagonal is negative.
 */
export function logDeterminant(l: Tensor, row: Axis, column: Axis): Tensor {
  return sum(log(diagonal(l, row, column)), column);
}
