import {
  type Axis,
  axis,
  cast,
  cholesky,
  diagonal,
  exp,
  index,
  log,
  rename,
  select,
  sum,
  type Tensor,
} from "../../tensor/index.ts";
import type { Bijection } from "./bijection.ts";
import { triangle } from "./triangle.ts";

/**
 * Lower triangles from unconstrained parameters, row by row: those on the diagonal are logarithms, the others the
 * elements themselves.
 */
export function choleskyFactor(row: Axis, column: Axis): Bijection {
  const { unconstrainedAxes, fill, take } = triangle(row, column);
  const isDiagonal = index(row).eq(index(column));
  return {
    unconstrainedAxes,
    forward: (x) => {
      const filled = fill(x);
      return select(isDiagonal, exp(select(isDiagonal, filled, 0)), filled);
    },
    inverse: (l) => take(select(isDiagonal, log(select(isDiagonal, l, 1)), l)),
    logJacobian: (x) => sum(diagonal(fill(x), row, column), column),
  };
}

/**
 * Symmetric positive definite matrices A = L L^T from the unconstrained parameters of L. The derivative of A, of its
 * lower triangle, with respect to L has the determinant 2^n prod_i L_ii^(n - i + 1) for i = 1, ..., n
 * (Muirhead, "Aspects of multivariate statistical theory", 1982, theorem 2.1.9).
 */
export function positiveDefinite(row: Axis, column: Axis): Bijection {
  const factor = choleskyFactor(row, column);
  const inner = axis(`${column.name} (inner)`, column.size);
  const product = (l: Tensor) => {
    const left = rename(l, column, inner);
    const right = rename(rename(l, column, inner), row, column);
    return sum(left.mul(right), inner);
  };
  return {
    unconstrainedAxes: factor.unconstrainedAxes,
    forward: (x) => product(factor.forward(x)),
    inverse: (a) => factor.inverse(cholesky(a, row, column)),
    logJacobian: (x) => {
      const l = diagonal(factor.forward(x), row, column);
      const power = cast(index(column).neg().add(column.size), x.dtype);
      return factor
        .logJacobian(x)
        .add(sum(log(l).mul(power), column))
        .add(column.size * Math.LN2);
    },
  };
}
