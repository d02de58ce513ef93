import {
  type Axis,
  axis,
  cast,
  distance,
  exp,
  index,
  log1p,
  rename,
  SurmiseError,
  select,
  softplus,
  sqrt,
  square,
  sum,
  type Tensor,
  tanh,
} from "../../tensor/internal.ts";
import type { Bijection } from "./bijection.ts";
import { belowDiagonal } from "./triangle.ts";

/** log(1 - tanh(x)^2), without cancellation. */
const logRemainder = (x: Tensor) =>
  softplus(x.mul(2))
    .add(softplus(x.mul(-2)))
    .neg()
    .add(2 * Math.LN2);

/** The inverse of sinh, also for small numbers. */
function asinh(x: Tensor): Tensor {
  const size = distance(x);
  const root = sqrt(square(size).add(1));
  const up = log1p(size.add(square(size).div(root.add(1))));
  return select(x.lt(0), up.neg(), up);
}

/**
 * Cholesky factors of correlation matrices from n (n - 1) / 2 unconstrained parameters x_ij, i > j, whose tanh are
 * the canonical partial correlations z_ij (Lewandowski, Kurowicka and Joe, Journal of Multivariate
 * Analysis 100, 2009; Stan's reference manual, "Cholesky factors of correlation matrices"):
 *
 *     L_ij = z_ij r_ij,  r_ij^2 = prod_{k < j} (1 - z_ik^2),  L_ii = r_ii.
 *
 * The Jacobian determinant is that of the elements below the diagonal, prod_{i > j} (1 - z_ij^2) r_ij.
 *
 * @throws SurmiseError if there is one row only.
 */
export function correlationFactor(row: Axis, column: Axis): Bijection {
  if (row.size < 2) {
    throw new SurmiseError(
      `correlation factor over ${row}: a single correlation is always 1, nothing is free`,
    );
  }
  const { unconstrained, unconstrainedAxes, fill, take } = belowDiagonal(row, column);
  const before = axis(`${column.name} (other)`, column.size);
  const [i, j, k] = [index(row), index(column), index(before)];
  return {
    unconstrainedAxes,
    forward: (x) => {
      const rest = rename(fill(logRemainder(x)), column, before);
      const logLength = sum(select(k.lt(j), rest, 0), before).mul(0.5);
      const share = select(i.eq(j), 1, fill(tanh(x)));
      return share.mul(exp(logLength));
    },
    inverse: (l) => {
      const squares = rename(square(l), column, before);
      const beyond = sum(select(k.gt(j), squares, 0), before);
      return asinh(take(l).div(sqrt(take(beyond))));
    },
    logJacobian: (x) => {
      const behind = take(cast(i.sub(j).sub(1), x.dtype));
      return sum(logRemainder(x).mul(behind.mul(0.5).add(1)), unconstrained);
    },
  };
}
