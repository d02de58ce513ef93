/**
 * Pareto-smoothed importance sampling: the largest weights are replaced by the expected order statistics of the
 * generalised Pareto distribution that fits them, whose shape says whether the weights can be trusted (Vehtari,
 * Simpson, Gelman, Yao and Gabry, "Pareto smoothed importance sampling", JMLR 25, 2024).
 */

import { checkArguments, NUMBERS, realNumber } from "../../tensor/internal.ts";

/** Smoothed weights. */
export interface SmoothedWeights {
  /** The logarithms of the weights, which sum to one, in the order of those given. */
  readonly logWeights: Float64Array;
  /** See `paretoK`. */
  readonly kHat: number;
}

/** The generalised Pareto distribution of what exceeds a threshold. */
interface Tail {
  /** The places of what exceeds the threshold, in ascending order of the weights. */
  readonly places: Uint32Array;
  /** A share of the largest weight. */
  readonly threshold: number;
  readonly shape: number;
  readonly scale: number;
}

/** Fewer weights than this have no tail to be fitted. */
const LEAST_IN_TAIL = 5;
/** Log weights that differ by less than this many nats are one weight and its rounding. */
const EQUAL = 1e-9;

/**
 * Smooths weights.
 *
 * @param logWeights in nats, up to any constant; -Infinity is a weight of zero
 * @param relativeEfficiency of the draws that are weighted, as they come from a chain: ESS / draws; 1 unless given
 *
 * @example const { logWeights, kHat } = paretoSmooth(logRatios);
 */
export function paretoSmooth(
  logWeights: ArrayLike<number>,
  relativeEfficiency = 1,
): SmoothedWeights {
  checkArguments("paretoSmooth", { logWeights }, NUMBERS);
  realNumber("paretoSmooth: relativeEfficiency", relativeEfficiency, { above: 0 });
  const largest = largestOf(logWeights);
  const result = Float64Array.from(logWeights, (x) => x - largest);
  const tail = tailOf(result, relativeEfficiency);
  if (typeof tail !== "number") {
    const { places, threshold, shape, scale } = tail;
    places.forEach((place, i) => {
      const excess = quantile((i + 0.5) / places.length, shape, scale);
      result[place] = Math.min(0, Math.log(threshold + excess));
    });
  }
  const total = logSumExp(result);
  return {
    logWeights: result.map((x) => x - total),
    kHat: typeof tail === "number" ? tail : tail.shape,
  };
}

/**
 * k-hat: the shape of the generalised Pareto distribution fitted to the largest min(S / 5, 3 sqrt(S)) of S weights.
 * Weights have as many moments as are fewer than 1 / k. 0 where they do not vary; Infinity where too few differ for
 * a fit, or one is not a number.
 *
 * @param logWeights in nats, up to any constant; -Infinity is a weight of zero
 * @param relativeEfficiency as of `paretoSmooth`
 */
export function paretoK(logWeights: ArrayLike<number>, relativeEfficiency = 1): number {
  checkArguments("paretoK", { logWeights }, NUMBERS);
  realNumber("paretoK: relativeEfficiency", relativeEfficiency, { above: 0 });
  const largest = largestOf(logWeights);
  const tail = tailOf(
    Float64Array.from(logWeights, (x) => x - largest),
    relativeEfficiency,
  );
  return typeof tail === "number" ? tail : tail.shape;
}

/** The k-hat above which no number of draws that one makes is enough for reliable means (Vehtari et al. 2024). */
export const MOST_RELIABLE_K = 0.7;

/**
 * The k-hat above which `draws` weighted draws are too few for reliable means: min(1 - 1 / log10(draws), 0.7), and 0 for ten
 * draws or fewer.
 */
export function paretoKLimit(draws: number): number {
  realNumber("paretoKLimit: draws", draws, { above: 0 });
  return Math.max(0, Math.min(1 - 1 / Math.log10(draws), MOST_RELIABLE_K));
}

/** Fits the tail of log weights whose largest is 0; a k-hat where there is none to fit. */
function tailOf(logWeights: Float64Array, relativeEfficiency: number): Tail | number {
  const { length } = logWeights;
  if (logWeights.some(Number.isNaN)) return Number.POSITIVE_INFINITY;
  const order = Uint32Array.from(logWeights, (_, i) => i);
  order.sort((a, b) => logWeights[a] - logWeights[b]);
  if (length > 0 && logWeights[order[0]] > -EQUAL) return 0;
  const count = Math.ceil(Math.min(length / 5, 3 * Math.sqrt(length / relativeEfficiency)));
  const below = logWeights[order[Math.max(0, length - count - 1)]];
  const threshold = Math.max(Math.exp(below), SMALLEST_NORMAL);
  const places = order.filter((place) => Math.exp(logWeights[place]) > threshold);
  if (places.length < LEAST_IN_TAIL) return Number.POSITIVE_INFINITY;
  const excesses = Float64Array.from(places, (at) => Math.exp(logWeights[at]) - threshold);
  return { places, threshold, ...fitGeneralisedPareto(excesses) };
}

const SMALLEST_NORMAL = 2 ** -1022;

/**
 * Shape and scale of the generalised Pareto distribution of ascending positive numbers (Zhang and Stephens, "A new
 * and efficient estimation method for the generalized Pareto distribution", Technometrics 51, 2009). The shape is
 * drawn towards 1/2 by a prior that is worth ten numbers.
 */
function fitGeneralisedPareto(ascending: Float64Array): { shape: number; scale: number } {
  const n = ascending.length;
  const grid = 30 + Math.floor(Math.sqrt(n));
  const quartile = ascending[Math.floor(n / 4 + 0.5) - 1];
  const shapeAt = (b: number) => ascending.reduce((total, x) => total + Math.log1p(-b * x), 0) / n;
  const rates = Float64Array.from(
    { length: grid },
    (_, i) => 1 / ascending[n - 1] + (1 - Math.sqrt(grid / (i + 0.5))) / (3 * quartile),
  );
  const profile = rates.map((b) => {
    const k = shapeAt(b);
    return n * (Math.log(-b / k) - k - 1);
  });
  const total = logSumExp(profile);
  const rate = rates.reduce((sum, b, i) => sum + b * Math.exp(profile[i] - total), 0);
  const shape = shapeAt(rate);
  return { shape: (n * shape + 10 * 0.5) / (n + 10), scale: -shape / rate };
}

/** The quantile of probability `p` of the generalised Pareto distribution. */
function quantile(p: number, shape: number, scale: number): number {
  return (scale * Math.expm1(-shape * Math.log1p(-p))) / shape;
}

/** The largest; 0 where all are -Infinity. */
function largestOf(values: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]);
  return largest === Number.NEGATIVE_INFINITY ? 0 : largest;
}

/** log sum exp. */
export function logSumExp(values: ArrayLike<number>): number {
  const largest = largestOf(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i] - largest);
  return largest + Math.log(sum);
}
