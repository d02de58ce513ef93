/** Moments of draws of one number. */

/** The mean. */
export function meanOf(values: ArrayLike<number>): number {
  // Around one of them: exact where all are equal, and far from 0.
  const origin = values[0];
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] - origin;
  return origin + sum / values.length;
}

/** The standard deviation, with n - 1, of values of whatever size. */
export function sdOf(values: ArrayLike<number>): number {
  const { unit, values: scaled } = inUnits(values);
  return unit * Math.sqrt(varianceOf(scaled));
}

/** The variance, with n - 1, of values whose squares are numbers, and whose mean is this. */
export function varianceOf(values: ArrayLike<number>, mean = meanOf(values)): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return squares / (values.length - 1);
}

/** Values as distances from the first of them, in a unit of about the largest, whose squares are numbers. */
export function inUnits(values: ArrayLike<number>): { unit: number; values: Float64Array } {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    most = Math.max(most, Math.abs(values[i] / 2 - values[0] / 2));
  }
  const unit = most > 0 ? 2 ** Math.floor(Math.log2(most)) : 1;
  const origin = values[0] / unit;
  const scaled = new Float64Array(values.length);
  for (let i = 0; i < scaled.length; i++) scaled[i] = values[i] / unit - origin;
  return { unit, values: scaled };
}
