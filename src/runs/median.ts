import { checkArguments, NUMBERS } from "../tensor/internal.ts";

/** The middle of some numbers, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  checkArguments("median", { values }, NUMBERS);
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}
