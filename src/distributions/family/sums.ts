/** Sums of log densities over event axes. */

import { type Axis, make, sizeOf, sum, type Tensor, withoutAxes } from "../../tensor/internal.ts";

/** The sum of `x` over `axes`, where `x` is constant along those that it lacks. */
export function sumAlong(x: Tensor, axes: readonly Axis[]): Tensor {
  const present = axes.filter((a) => x.has(a));
  const repeats = sizeOf(withoutAxes(axes, present));
  const summed = present.length === 0 ? x : sum(x, ...present);
  return repeats === 1 ? summed : summed.mul(repeats);
}

/**
 * `sumAlong` where terms of `x` that vary over fewer axes than the others are summed on their own:
 * the log sd of a normal is not added up once for each of the values whose density it is a term of.
 */
export function sumPrecisely(x: Tensor, axes: readonly Axis[]): Tensor {
  const fewer = ({ axes: own }: Tensor) => own.length < x.axes.length;
  if (axes.length === 0 || !(x.op === "add" || x.op === "sub") || !x.inputs.some(fewer)) {
    return sumAlong(x, axes);
  }
  return make(
    x.operation,
    x.inputs.map((term) => sumPrecisely(term, axes)),
  );
}
