import { type Axis, withoutAxes } from "../axis.ts";
import { sum } from "../math.ts";
import type { Tensor } from "../tensor.ts";

/** The sum over all axes but `kept`. */
export function sumTo(x: Tensor, kept: readonly Axis[]): Tensor {
  const axes = withoutAxes(x.axes, kept);
  return axes.length === 0 ? x : sum(x, ...axes);
}
