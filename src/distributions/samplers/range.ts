import { maximum, minimum, type Tensor } from "../../tensor/index.ts";

/** The smallest number above 0, the largest below 1 and the largest at all, of each type. */
const ENDS = {
  float32: { least: 2 ** -126, belowOne: 1 - 2 ** -24, most: (2 - 2 ** -23) * 2 ** 127 },
  float64: { least: 2 ** -1022, belowOne: 1 - 2 ** -53, most: Number.MAX_VALUE },
} as const;

/** Draws from (0, infinity), where rounding may have reached an end. */
export function keepPositive(x: Tensor): Tensor {
  const { least, most } = endsOf(x);
  return minimum(maximum(x, least), most);
}

/** Draws of real numbers, where rounding may have reached an end. */
export function keepFinite(x: Tensor): Tensor {
  const { most } = endsOf(x);
  return minimum(maximum(x, -most), most);
}

/** Draws from (0, 1), where rounding may have reached an end. */
export function keepInUnit(x: Tensor): Tensor {
  const { least, belowOne } = endsOf(x);
  return minimum(maximum(x, least), belowOne);
}

function endsOf({ dtype }: Tensor) {
  return ENDS[dtype as keyof typeof ENDS];
}
