import {
  type Axis,
  axis,
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
  const before = axis(`${along.name} (before)`, along.size);
  const isFirst = index(along).eq(0);
  return {
    unconstrainedAxes: (axes) => axes,
    forward: (x) => {
      const steps = rename(select(isFirst, x, exp(x)), along, before);
      return sum(select(index(before).le(index(along)), steps, 0), before);
    },
    inverse: (y) => {
      const step = y.sub(gatherClamped(y, along, index(along).sub(1)));
      return select(isFirst, y, log(select(isFirst, 1, step)));
    },
    logJacobian: (x: Tensor) => sum(select(isFirst, 0, x), along),
  };
}
