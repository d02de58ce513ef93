/**
 * The quantile of probability `p` of ascending values, by linear interpolation (type 7 of Hyndman and Fan, 1996); NaN
 * where there are none.
 */
export function quantileOf(ascending: ArrayLike<number>, p: number): number {
  const { length } = ascending;
  if (length === 0) return Number.NaN;
  const place = p * (length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, length - 1);
  return ascending[low] + (place - low) * (ascending[high] - ascending[low]);
}
