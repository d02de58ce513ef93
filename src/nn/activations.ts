/** Activations of layers, beside `tanh`, `sigmoid` and `softplus`. */
import {
  AXIS,
  type Axis,
  checkArguments,
  erf,
  exp,
  expm1,
  logSumExp,
  maximum,
  realNumber,
  select,
  sigmoid,
  TENSOR,
  type Tensor,
} from "../tensor/internal.ts";

/** max(x, 0). */
export function relu(x: Tensor): Tensor {
  checkArguments("relu", { x }, TENSOR);
  return maximum(x, 0);
}

/**
 * x where it is positive, else `slope` x.
 *
 * @throws SurmiseError unless the slope is a finite number.
 */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  checkArguments("leakyRelu", { x }, TENSOR);
  realNumber("leakyRelu: the slope", slope);
  return select(x.gt(0), x, x.mul(slope));
}

/** x where it is positive, else exp(x) - 1 (Clevert, Unterthiner and Hochreiter, ICLR 2016). */
export function elu(x: Tensor): Tensor {
  checkArguments("elu", { x }, TENSOR);
  const isAbove = x.gt(0);
  return select(isAbove, x, expm1(select(isAbove, 0, x)));
}

/** x P(N(0, 1) <= x), by the error function (Hendrycks and Gimpel 2016). */
export function gelu(x: Tensor): Tensor {
  checkArguments("gelu", { x }, TENSOR);
  return x.mul(erf(x.mul(Math.SQRT1_2)).add(1)).mul(0.5);
}

/** x sigmoid(x), also called swish (Ramachandran, Zoph and Le 2017). */
export function silu(x: Tensor): Tensor {
  checkArguments("silu", { x }, TENSOR);
  return x.mul(sigmoid(x));
}

/** exp(x) over its sum along `along`, without overflow. */
export function softmax(x: Tensor, along: Axis): Tensor {
  checkArguments("softmax", { x }, TENSOR);
  checkArguments("softmax", { along }, AXIS);
  return exp(x.sub(logSumExp(x, along)));
}
