/** Data must be numbers. */
import { positionsAt, SurmiseError } from "../tensor/internal.ts";

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
  const axes = shape.map((size) => ({ size }));
  throw new SurmiseError(
    `${name}: value at [${positionsAt(axes, first).join(", ")}] is ${values[first]}, ` +
      `one of ${count} that are no finite numbers: remove or replace them before loading`,
  );
}
