import { select } from "../math.ts";
import type { Tensor } from "../tensor.ts";

/** |x| with the slope 1 at 0, where that of `abs` is 0: for functions whose two sides meet smoothly there. */
export function distance(x: Tensor): Tensor {
  return select(x.lt(0), x.neg(), x);
}
