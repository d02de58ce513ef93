import type { DType, Precision } from "../dtype.ts";
import { cast, constantOfType, type Tensor } from "../tensor.ts";

/**
 * `f` of the inputs computed in float64 and rounded to the type of the first of them: for sums
 * whose terms are much larger than the result, such as differences of lgamma.
 */
export function inFloat64<const Inputs extends readonly Tensor[]>(
  inputs: Inputs,
  f: (...inputs: { [K in keyof Inputs]: Tensor }) => Tensor,
): Tensor {
  const wide = inputs.map((x) => cast(x, "float64")) as { [K in keyof Inputs]: Tensor };
  return cast(f(...wide), inputs[0].dtype);
}

/** The largest number of a type below 1. */
export function belowOne(dtype: DType): Tensor {
  return constantOfType({ float32: 1 - 2 ** -24, float64: 1 - 2 ** -53 }, dtype);
}

/** The distance from 1 to the next number of a type: 2^-23 in float32, unless that is widened, and 2^-52 in float64. */
export function epsilon(dtype: Precision): Tensor {
  return constantOfType({ float32: 2 ** -23, float64: 2 ** -52 }, dtype);
}
