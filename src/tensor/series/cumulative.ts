/** Sums of all that stands before. */
import { AXIS, checkArguments, TENSOR } from "../arguments/kinds.ts";
import type { Axis } from "../axis.ts";
import { isFloat } from "../dtype.ts";
import { scan } from "../scan/scan.ts";
import { cast, constant, type Tensor } from "../tensor.ts";
import { checkAlong } from "./along.ts";

/**
 * The sum of `x` over all places along `a` up to this one, this one included: a walk of its steps. It is summed in
 * float64, and is of the type of x; of whole numbers it is float64.
 *
 * @throws SurmiseError if x lacks the axis.
 *
 * @example lag(cumulativeSum(x, time), time, { before: 0 }) // without this one
 */
export function cumulativeSum(x: Tensor, a: Axis): Tensor {
  checkArguments("cumulativeSum", { x }, TENSOR);
  checkArguments("cumulativeSum", { axis: a }, AXIS);
  checkAlong("cumulativeSum", x, a);
  const start = { total: constant(0, "float64") };
  const { outputs } = scan(a, start, ({ total }, { at }) => {
    const next = total.add(cast(at(x), "float64"));
    return { carries: { total: next }, outputs: { next } };
  });
  return isFloat(x.dtype) ? cast(outputs.next, x.dtype) : outputs.next;
}
