import {
  type Axis,
  axis,
  constant,
  exp,
  gatherClamped,
  index,
  log,
  rename,
  select,
  sum,
  type Tensor,
} from "../../tensor/internal.ts";
import type { Bijection } from "./bijection.ts";

/**
 * Increasing numbers along an axis from as many unconstrained ones: the first as it is, and the logarithms of
 * the steps are.
 */
export function ordered(along: Axis): Bijection {
  return increasing(along, index(along).eq(0));
}

/** Increasing numbers above 0 along an axis: the logarithms of the first and of the steps. */
export function positiveOrdered(along: Axis): Bijection {
  return increasing(along, constant(0, "uint8"));
}

/** Sums of steps, which are as they are where `isFree` is 1 and exponentials elsewhere. */
function increasing(along: Axis, isFree: Tensor): Bijection {
  const before = axis(`${along.name} (before)`, along.size);
  const isFirst = index(along).eq(0);
  return {
    unconstrainedAxes: (axes) => axes,
    forward: (x) => {
      const steps = rename(select(isFree, x, exp(x)), along, before);
      return sum(select(index(before).le(index(along)), steps, 0), before);
    },
    inverse: (y) => {
      const earlier = gatherClamped(y, along, index(along).sub(1));
      const step = y.sub(select(isFirst, 0, earlier));
      return select(isFree, y, log(select(isFree, 1, step)));
    },
    logJacobian: (x: Tensor) => sum(select(isFree, 0, x), along),
  };
}
