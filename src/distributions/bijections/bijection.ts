import {
  AXIS,
  type Axis,
  FUNCTION,
  listOf,
  objectWith,
  oneOf,
  optional,
  type Tensor,
} from "../../tensor/internal.ts";

/**
 * A smooth one-to-one map from the real line, or a space of unconstrained parameters along an axis, to a set.
 * All maps act on each element by itself or along the axis of the set.
 */
export interface Bijection {
  /**
   * Of a map of one's own: the axes of values whose elements it maps together, as a coupling layer does. Each element by itself
   * unless given.
   */
  readonly axes?: readonly Axis[];
  /**
   * Of a map of one's own that leads onto the whole real line, as the layer of a flow does: its draws may stand for those of a
   * normal. It leads to a set of its own unless given.
   */
  readonly onto?: "real";
  /** The axes of the unconstrained values, in the place of those of values in the set. */
  unconstrainedAxes(axes: readonly Axis[]): readonly Axis[];
  /** The value in the set. */
  forward(unconstrained: Tensor): Tensor;
  /** The unconstrained value of a value in the set, but for the ends of the set. */
  inverse(value: Tensor): Tensor;
  /**
   * log |d forward / d unconstrained|; along the axes that are mapped together, where there are some, the logarithm of the
   * determinant. The density of forward(unconstrained) is that of `unconstrained` divided by it. Lacks axes along
   * which it is constant.
   */
  logJacobian(unconstrained: Tensor): Tensor;
}

/** What an argument that is a bijection must be. */
export const BIJECTION = objectWith({
  axes: optional(listOf(AXIS)),
  onto: optional(oneOf("real")),
  forward: FUNCTION,
  inverse: FUNCTION,
  logJacobian: FUNCTION,
  unconstrainedAxes: FUNCTION,
});
