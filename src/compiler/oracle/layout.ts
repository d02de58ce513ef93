/** Where elements of row-major values lie. */
import { type Axis, sizeOf } from "../../tensor/index.ts";

/** For each element over `space`, row-major, its place in row-major values over `axes`. */
export function places(space: readonly Axis[], axes: readonly Axis[], ignored?: Axis): Int32Array {
  const result = new Int32Array(sizeOf(space));
  let filled = 1;
  for (const a of [...space].reverse()) {
    const stride = a === ignored ? 0 : strideOf(a, axes);
    for (let k = 1; k < a.size; k++) {
      for (let i = 0; i < filled; i++) result[k * filled + i] = result[i] + k * stride;
    }
    filled *= a.size;
  }
  return result;
}

/** Steps between neighbours along `a` in row-major values over `axes`; 0 if `a` is not of them. */
export function strideOf(a: Axis, axes: readonly Axis[]): number {
  const place = axes.indexOf(a);
  return place < 0 ? 0 : sizeOf(axes.slice(place + 1));
}
