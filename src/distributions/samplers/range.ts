import {
  belowOne,
  constantOfType,
  maximum,
  minimum,
  type NumberByType,
  type Tensor,
} from "../../tensor/internal.ts";

/** The smallest number above 0 and the largest at all, of each type. */
const LEAST: NumberByType = { float32: 2 ** -126, float64: 2 ** -1022 };
const MOST: NumberByType = { float32: (2 - 2 ** -23) * 2 ** 127, float64: Number.MAX_VALUE };

/** Draws from (0, infinity), where rounding may have reached an end. */
export function keepPositive(x: Tensor): Tensor {
  return minimum(maximum(x, leastOf(x)), mostOf(x));
}

/** Draws of real numbers, where rounding may have reached an end. */
export function keepFinite(x: Tensor): Tensor {
  const most = mostOf(x);
  return minimum(maximum(x, most.neg()), most);
}

/** Draws from (0, 1), where rounding may have reached an end. */
export function keepInUnit(x: Tensor): Tensor {
  return minimum(maximum(x, leastOf(x)), belowOne(x.dtype));
}

/** The largest number of the type of `x`. */
function mostOf(x: Tensor): Tensor {
  return constantOfType(MOST, x.dtype);
}

/** The smallest normal number above 0 of the type of `x`. */
export function leastOf(x: Tensor): Tensor {
  return constantOfType(LEAST, x.dtype);
}
