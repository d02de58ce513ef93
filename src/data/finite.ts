/** Data must be numbers. */
import { SurmiseError } from "../tensor/index.ts";

/**
 * Checks that no value is infinite or not a number.
 *
 * @param shape sizes of the axes of `values`, last axis fastest
 * @param name stands for the data in the message
 * @throws SurmiseError with the index of the first such value and the number of them.
 */
export function requireFinite(
  values: ArrayLike<number>,
  shape: readonly number[],
  name: string,
): void {
  let first = -1;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    if (first < 0) first = i;
    count++;
  }
  if (count === 0) return;
  throw new SurmiseError(
    `${name}: value at [${indexOf(first, shape).join(", ")}] is ${values[first]}, ` +
      `one of ${count} that are no finite numbers: remove or replace them before loading`,
  );
}

/** The index along each axis of the value at `place`. */
function indexOf(place: number, shape: readonly number[]): number[] {
  let rest = place;
  return shape
    .toReversed()
    .map((size) => {
      const index = rest % size;
      rest = (rest - index) / size;
      return index;
    })
    .reverse();
}
