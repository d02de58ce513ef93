import { cast, type Tensor } from "../tensor.ts";

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
