/** The event axes of a latent as one axis, for guides that treat all elements of a draw alike. */
import { type Distribution, distribution } from "../../distributions/internal.ts";
import {
  type Axis,
  constant,
  gatherClamped,
  index,
  sizeOf,
  type Tensor,
  tensor,
} from "../../tensor/internal.ts";

/** The distribution of vectors along `row`, laid row-major over the axes `event`. */
export function spreadOver(event: readonly Axis[], vector: Distribution, row: Axis): Distribution {
  const lay = (x: Tensor) => unflatten(x, event, row);
  return distribution({
    ...vector,
    axes: vector.axes,
    dimensions: event,
    logProb: (x) => vector.logProb(flatten(x, event, row)),
    sample: (key, axes) =>
      lay(
        vector.sample(
          key,
          axes.filter((a) => !event.includes(a)),
        ),
      ),
    mean: () => lay(vector.mean()),
    variance: () => lay(vector.variance()),
    entropy: () => vector.entropy() as Tensor,
  });
}

/** What lies row-major along `row` over the axes `event`. */
export function unflatten(x: Tensor, event: readonly Axis[], row: Axis): Tensor {
  const place = event.reduce<Tensor>((at, a) => at.mul(a.size).add(index(a)), constant(0, "int32"));
  return gatherClamped(x, row, place);
}

/** A tensor over the axes `event`, row-major along `row`. */
export function flatten(x: Tensor, event: readonly Axis[], row: Axis): Tensor {
  return event.reduce((left, a, k) => {
    const stride = sizeOf(event.slice(k + 1));
    const at = (_: unknown, i: number) => Math.floor(i / stride) % a.size;
    return gatherClamped(left, a, tensor(Int32Array.from({ length: row.size }, at), [row]));
  }, x);
}
