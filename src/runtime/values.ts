/** Values with their axes, in another order of these, and over more of them. */
import { type Axis, allocate, type DType, sizeOf, type TypedArray } from "../tensor/internal.ts";

/** Values with their axes: flat, row-major over `axes`. */
export interface Values {
  /**
   * The order in which the data lie. Of an input it is the one it was declared with; of an output, from `run` that of its
   * expression (`Tensor.axes`), from `read` the one that the program keeps it in, which may be another.
   */
  readonly axes: readonly Axis[];
  /** The type of `data`. */
  readonly dtype: DType;
  /** Row-major, as many as the product of the sizes of `axes`. */
  readonly data: TypedArray;
}

/** `values` row-major over `axes`: repeated along those that they lack. */
export function broadcast({ axes: own, dtype, data }: Values, axes: readonly Axis[]): TypedArray {
  const places = placesIn(own, axes);
  if (places === undefined) return data;
  const result = allocate(dtype, places.length);
  for (let i = 0; i < places.length; i++) result[i] = data[places[i]];
  return result;
}

/**
 * For each element row-major over `axes`, its place among values row-major over `own`, which may lack axes and
 * have another order; undefined if it is the same place.
 */
export function placesIn(own: readonly Axis[], axes: readonly Axis[]): Int32Array | undefined {
  if (own.length === axes.length && own.every((a, i) => a === axes[i])) return undefined;
  const places = new Int32Array(sizeOf(axes));
  const strides = axes.map((a) => (own.includes(a) ? sizeOf(own.slice(own.indexOf(a) + 1)) : 0));
  for (let i = 0; i < places.length; i++) {
    let rest = i;
    for (let k = axes.length - 1; k >= 0; k--) {
      const at = rest % axes[k].size;
      rest = (rest - at) / axes[k].size;
      places[i] += at * strides[k];
    }
  }
  return places;
}
