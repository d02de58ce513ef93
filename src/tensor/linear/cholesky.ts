import type { Axis } from "../axis.ts";
import { log, sum } from "../math.ts";
import { make, type Tensor } from "../tensor.ts";
import { checkSquare, diagonal } from "./square.ts";

/**
 * The lower triangle L over `row` and `column` with A = L L^T, for symmetric positive definite A, of
 * which only the lower triangle is read; other axes are a batch. One operation: column by column for small
 * matrices of a large batch, else in panels that are updated by matrix products (Golub and Van Loan, "Matrix
 * computations", 2013, section 4.2). For n rows the work is n^3 / 3 operations; derivatives, of any
 * order, are made of matrix products and triangular solves (Murray, 2016).
 *
 * Where A is not positive definite, or not finite, L is NaN from the first column on where it shows.
 *
 * @throws SurmiseError if A is not a floating-point matrix over two axes of one size.
 *
 * @example logDeterminant(cholesky(covariance, row, column), row, column).mul(2)
 */
export function cholesky(a: Tensor, row: Axis, column: Axis): Tensor {
  checkSquare("cholesky", a, row, column);
  return make({ op: "cholesky", row, column }, [a]);
}

/**
 * log |det L| of a triangular matrix over `row` and `column` with a positive diagonal, the sum of its
 * logarithms; NaN where the diagonal is negative.
 */
export function logDeterminant(l: Tensor, row: Axis, column: Axis): Tensor {
  return sum(log(diagonal(l, row, column)), column);
}
