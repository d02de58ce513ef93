import { constant, type Tensor } from "../tensor.ts";

/** c[0] + x c[1] + x^2 c[2] + ..., by Horner's rule. */
export function polynomial(x: Tensor, coefficients: readonly number[]): Tensor {
  const [last, ...rest] = [...coefficients].reverse();
  return rest.reduce((sum, c) => sum.mul(x).add(c), constant(last, x.dtype));
}
