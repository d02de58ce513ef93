import {
  type Axis,
  abs,
  cos,
  type DType,
  type Key,
  select,
  sin,
  type Tensor,
  uniform,
} from "../../tensor/index.ts";

/**
 * Standard Cauchy draws tan(pi v), v uniform between -1/2 and 1/2, as the cotangent of the distance
 * to the nearer end, which is known exactly.
 */
export function standardCauchy(key: Key, axes: readonly Axis[], dtype: DType): Tensor {
  const v = uniform(key, axes, dtype).sub(0.5);
  const angle = abs(v).neg().add(0.5).mul(Math.PI);
  const size = cos(angle).div(sin(angle));
  return select(v.lt(0), size.neg(), size);
}
