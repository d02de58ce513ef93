import {
  type Axis,
  axis,
  cast,
  exp,
  index,
  log,
  logSumExp,
  oncePerAxis,
  SurmiseError,
  select,
  sqrt,
  sum,
  type Tensor,
} from "../../tensor/internal.ts";
import type { Bijection } from "./bijection.ts";

/** The axis of the unconstrained parameters of each axis of shares: one object, so that its uses agree. */
const unconstrainedOf = oncePerAxis((a) => axis(`${a.name} (unconstrained)`, a.size - 1));

/**
 * Shares along an axis of K elements from K - 1 unconstrained parameters: the softmax of K numbers of sum zero,
 * whose coordinates in Helmert's orthonormal basis are unconstrained (the inverse of the isometric log-ratio
 * of Egozcue et al., Mathematical Geology 35, 2003). The Jacobian determinant, for all shares but
 * one, is sqrt(K) times the product of the shares.
 *
 * @throws SurmiseError if the axis has one element only.
 */
export function simplex(shares: Axis): Bijection {
  if (shares.size < 2) {
    throw new SurmiseError(`simplex along ${shares}: one share is always 1, nothing is free`);
  }
  const unconstrained = unconstrainedOf(shares);
  /**
   * The basis: column j, counted from 1, is (1, ..., 1, -j, 0, ...) / sqrt(j (j + 1)), with j ones.
   */
  const basis = ({ dtype }: Tensor) => {
    const j = index(unconstrained).add(1);
    const length = cast(j, dtype);
    const k = index(shares);
    const entry = select(k.lt(j), 1, select(k.eq(j), length.neg(), 0));
    return entry.div(sqrt(length.mul(length.add(1))));
  };
  const logShares = (x: Tensor) => {
    const centred = sum(basis(x).mul(x), unconstrained);
    return centred.sub(logSumExp(centred, shares));
  };
  return {
    unconstrainedAxes: (axes) => axes.map((a) => (a === shares ? unconstrained : a)),
    forward: (x) => exp(logShares(x)),
    inverse: (y) => sum(basis(y).mul(log(y)), shares),
    logJacobian: (x) => sum(logShares(x), shares).add(0.5 * Math.log(shares.size)),
  };
}
