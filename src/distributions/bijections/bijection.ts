import type { Axis, Tensor } from "../../tensor/index.ts";

/**
 * A smooth one-to-one map from the real line, or a space of free numbers along an axis, to a set.
 * All maps act on each element by itself or along the axis of the set.
 */
export interface Bijection {
  /** The axes of the free values, in the place of those of values in the set. */
  freeAxes(axes: readonly Axis[]): readonly Axis[];
  /** The value in the set. */
  forward(free: Tensor): Tensor;
  /** The free value of a value in the set, but for the ends of the set. */
  inverse(value: Tensor): Tensor;
  /**
   * log |d forward / d free|; along the axis of the set, where there is one, the logarithm of the
   * determinant. The density of forward(free) is that of `free` divided by it. Lacks axes along
   * which it is constant.
   */
  logJacobian(free: Tensor): Tensor;
}
