/**
 * Products and their sums may be computed in another order than written: factors are multiplied in
 * any order, and those that do not carry a summed axis are pulled out of the sum. What that can do
 * beyond the rounding of each product:
 *
 * - a partial product or partial sum may overflow although the whole does not, or the reverse;
 * - a partial product may fall among the smallest numbers, where its absolute error is `tiny`, and
 *   then be multiplied by the other factors.
 *
 * Both are bounded by `spread`, the product of max(1, |factor|), added up over sums.
 */
import type { Tensor } from "../../tensor/index.ts";
import { precisionOf } from "./precision.ts";
import { type BoundedValues, massAt, spreadAt } from "./values.ts";

/** Completes the bounds of a product or quotient, whose operands lie at `at[0]` and `at[1]`. */
export function reorderable(
  node: Tensor,
  result: BoundedValues,
  [x, y]: readonly BoundedValues[],
  at: readonly Int32Array[],
): BoundedValues {
  const p = precisionOf(node.dtype);
  const { values, error } = result;
  const spread = new Float64Array(values.length);
  const hasMass = x.mass !== undefined || y.mass !== undefined;
  const mass = hasMass ? new Float64Array(values.length) : undefined;
  for (let i = 0; i < values.length; i++) {
    const [j, k] = [at[0][i], at[1][i]];
    const divisor = Math.abs(y.values[k]) - y.error[k];
    const second = node.op === "mul" ? spreadAt(y, k) : Math.max(1, 1 / divisor);
    spread[i] = spreadAt(x, j) * second;
    if (mass !== undefined) {
      mass[i] = massAt(x, j) * (node.op === "mul" ? massAt(y, k) : 1 / divisor);
    }
    const v = Math.abs(values[i]);
    if (!Number.isFinite(v)) {
      if (x.spread !== undefined || y.spread !== undefined) error[i] = Number.POSITIVE_INFINITY;
    } else if (v > p.huge || spread[i] > p.huge) error[i] = Number.POSITIVE_INFINITY;
    else if (error[i] > 0) error[i] += p.tiny * spread[i];
    else if (v > 0 && v < p.smallestNormal * spread[i]) error[i] = p.unit * v + p.tiny * spread[i];
  }
  return { ...result, spread, mass, terms: (x.terms ?? 1) * (y.terms ?? 1) };
}

/**
 * Whether what is left of a sum of the products `x` over `over` after pulling factors out is again
 * a sum, so that the two may be computed as one.
 */
export function leavesSum(x: Tensor, over: readonly object[]): boolean {
  const inside = factorsOf(x).filter((f) => f.axes.some((a) => over.includes(a)));
  return inside.length === 1 && inside[0].op === "sum";
}

function factorsOf(x: Tensor): readonly Tensor[] {
  const [a, b] = x.inputs;
  if (x.op === "mul") return [...factorsOf(a), ...factorsOf(b)];
  if (x.op === "div") return [...factorsOf(a), b];
  return ["neg", "stopGradient", "straightThrough"].includes(x.op) ? factorsOf(a) : [x];
}
