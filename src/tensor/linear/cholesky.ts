import { AXIS, checkArguments, TENSOR } from "../arguments/kinds.ts";
import type { Axis } from "../axis.ts";
import { index, log, max, select, sum } from "../math.ts";
import { cast, constant, make, type Tensor } from "../tensor.ts";
import { checkSquare, diagonal } from "./square.ts";

/**
 * The lower triangle L over `row` and `column` with A = L L^T, for symmetric positive definite A, of
 * which only the lower triangle is read; other axes are a batch. One operation: column by column for small
 * matrices of a large batch, else in panels that are updated by matrix products (Golub and Van Loan, "Matrix
 * computations", 2013, section 4.2). For n rows the work is n^3 / 3 operations, twice that
 * for the derivative, which is an operation, too (Murray, 2016); those of higher order exist.
 *
 * Where A is not positive definite, or not finite, L is NaN from the first column on where it shows, which
 * `failedMinor` tells.
 *
 * @throws SurmiseError if A is not a floating-point matrix over two axes of one size.
 *
 * @example logDeterminant(cholesky(covariance, row, column), row, column).mul(2)
 */
export function cholesky(a: Tensor, row: Axis, column: Axis): Tensor {
  checkArguments("cholesky", { a }, TENSOR);
  checkArguments("cholesky", { row, column }, AXIS);
  checkSquare("cholesky", a, row, column);
  return make({ op: "cholesky", row, column }, [a]);
}

/**
 * log |det L| of a triangular matrix over `row` and `column` with a positive diagonal, the sum of its
 * logarithms; NaN where the diagonal is negative.
 */
export function logDeterminant(l: Tensor, row: Axis, column: Axis): Tensor {
  checkArguments("logDeterminant", { l }, TENSOR);
  checkArguments("logDeterminant", { row, column }, AXIS);
  return sum(log(diagonal(l, row, column)), column);
}

/**
 * The order of the first leading minor of A that is not positive, from the Cholesky factor L of A over `row` and
 * `column`: float64, 1 to the number of rows, and 0 where A is positive definite (LAPACK's `info`). Where A is not
 * finite, the number of the first row that is not.
 *
 * @throws SurmiseError if the axes are not those of a square matrix.
 *
 * @example compile({ outputs: { l, failed: failedMinor(l, row, column) } }).run().failed.data[0]
 */
export function failedMinor(l: Tensor, row: Axis, column: Axis): Tensor {
  const pivots = diagonal(l, row, column);
  const after = cast(index(column), "float64").neg().add(column.size);
  const isPivot = pivots.eq(pivots);
  // The earliest has the most rows after it.
  const rest = max(select(isPivot, 0, after), column);
  return select(rest.eq(0), constant(0, "float64"), rest.neg().add(column.size + 1));
}
