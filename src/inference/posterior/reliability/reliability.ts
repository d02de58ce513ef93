/** How far the draws of a fit can be trusted, and what they say of the log evidence. */
import { sizeOf } from "../../../tensor/internal.ts";
import { meanOf, sdOf } from "../../statistics/moments.ts";
import { paretoK, paretoKLimit, paretoSmooth } from "../../statistics/psis.ts";
import type { Ratios } from "../ratios.ts";
import type { MissedMode } from "./missedMode.ts";
import type { Moved } from "./moved.ts";

/** What is known of the log evidence of the data, in nats. */
export interface Evidence {
  /** The estimate, or the bound. */
  readonly value: number;
  /** Its Monte Carlo standard error. */
  readonly standardError: number;
  /** Set where the value is the mean of a lower bound, because weights are too uneven for an estimate. */
  readonly isBound: boolean;
}

/** What is known of the draws of a fit. */
export interface Reliability {
  /** Of the joint ratios p(x, z) / q(z): small where the guide covers the posterior; infinite at worst. */
  readonly kHat?: number;
  /** The largest k-hat at which draws of this number are reliable. */
  readonly threshold?: number;
  /** Why there is no k-hat. */
  readonly reason?: string;
  /** Of each element of each latent, k-hat of the ratios times its size and its square: whether its moments are reliable. */
  readonly sites?: Readonly<Record<string, Float64Array>>;
  /** Of the latent whose draws weighting by the ratios moves most, if by more than their errors: how it moves. */
  readonly moved?: Moved;
  /** Of the latent whose draws short Markov chains move most, if by more than chance: how these move it (`driftOf`). */
  readonly drifted?: Moved;
  /** Of sets of particles: the variance of their estimates of the evidence, relative to the square of their mean. */
  readonly setVariance?: number;
  /** The share of the draws that their weights p / q are worth: 1 where q is the posterior. */
  readonly efficiency?: number;
  /** Of a posterior with several modes: one that the draws do not reach as often as they should. */
  readonly missed?: MissedMode;
  /** Under improper priors, the latent along which the log density hardly falls: the posterior is improper. */
  readonly endless?: string;
  /** Of a training that had not come to rest at its last step: how far its parameters moved, in standard deviations. */
  readonly unsettled?: number;
  /** Not under priors without a finite integral. */
  readonly evidence?: Evidence;
}

/** The k-hats of joint ratios. */
export function kHats({
  logRatios,
  sites,
}: Pick<Ratios, "logRatios" | "sites">): Pick<
  Reliability,
  "kHat" | "threshold" | "sites" | "efficiency"
> {
  const { kHat, logWeights } = paretoSmooth(logRatios);
  const worth = 1 / logWeights.reduce((sum, w) => sum + Math.exp(2 * w), 0) / logRatios.length;
  // Where a ratio is infinite, or none is finite, there are no weights.
  const efficiency = Number.isNaN(worth) ? 0 : worth;
  const threshold = paretoKLimit(logRatios.length);
  const each = Object.entries(sites).map(([name, { axes, data }]) => {
    const size = sizeOf(axes);
    return [
      name,
      Float64Array.from({ length: size }, (_, at) => ofElement(logRatios, data, size, at)),
    ];
  });
  return {
    kHat,
    threshold,
    efficiency,
    ...(each.length > 0 && { sites: Object.fromEntries(each) }),
  };
}

/** The larger k-hat of the ratios times the size of an element, and times its square. */
function ofElement(logRatios: Float64Array, data: Float64Array, size: number, at: number): number {
  const times = (power: number) =>
    paretoK(logRatios.map((w, d) => w + power * Math.log(Math.abs(data[d * size + at]))));
  return Math.max(times(1), times(2));
}

/** The variance of unbiased estimates relative to the square of their mean, from their logarithms. */
export function relativeVariance(logEstimates: Float64Array): number {
  const { shares } = sharesOfLargest(logEstimates);
  return (sdOf(shares) / meanOf(shares)) ** 2;
}

/** The logarithm of the largest weight, and the weights as shares of it. */
function sharesOfLargest(logWeights: Float64Array) {
  const most = logWeights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return { most, shares: logWeights.map((x) => Math.exp(x - most)) };
}

/**
 * The log evidence from log weights whose weights have the evidence as their mean: their own mean where the tail of the
 * weights allows it, and otherwise the mean of the log weights, which is a lower bound.
 */
export function evidenceOf(logWeights: Float64Array): Evidence {
  const n = logWeights.length;
  if (paretoK(logWeights) <= paretoKLimit(n)) {
    const { most, shares } = sharesOfLargest(logWeights);
    const mean = meanOf(shares);
    return {
      value: most + Math.log(mean),
      standardError: sdOf(shares) / Math.sqrt(n) / mean,
      isBound: false,
    };
  }
  const value = logWeights.reduce((a, b) => a + b, 0) / n;
  return { value, standardError: sdOf(logWeights) / Math.sqrt(n), isBound: true };
}
