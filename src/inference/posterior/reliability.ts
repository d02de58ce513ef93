/** How far the draws of a fit can be trusted, and what they say of the log evidence. */
import { sizeOf } from "../../tensor/internal.ts";
import { paretoK, paretoKLimit } from "../evaluation/psis.ts";
import type { Ratios } from "./ratios.ts";

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
  /** Not under priors without a finite integral. */
  readonly evidence?: Evidence;
}

/** Elements beyond which k-hats of single ones are left out. */
const MOST_ELEMENTS = 2000;

/** The k-hats of joint ratios. */
export function kHats({
  logRatios,
  sites,
}: Pick<Ratios, "logRatios" | "sites">): Pick<Reliability, "kHat" | "threshold" | "sites"> {
  const kHat = paretoK(logRatios);
  const elements = Object.values(sites).reduce((sum, { axes }) => sum + sizeOf(axes), 0);
  const each = Object.entries(sites).map(([name, { axes, data }]) => {
    const size = sizeOf(axes);
    return [
      name,
      Float64Array.from({ length: size }, (_, at) => ofElement(logRatios, data, size, at)),
    ];
  });
  return {
    kHat,
    threshold: paretoKLimit(logRatios.length),
    ...(elements <= MOST_ELEMENTS && { sites: Object.fromEntries(each) }),
  };
}

/** The larger k-hat of the ratios times the size of an element, and times its square. */
function ofElement(logRatios: Float64Array, data: Float64Array, size: number, at: number): number {
  const times = (power: number) =>
    paretoK(logRatios.map((w, d) => w + power * Math.log(Math.abs(data[d * size + at]))));
  return Math.max(times(1), times(2));
}

/**
 * The log evidence from log weights whose weights have the evidence as their mean: their own mean where the tail of the
 * weights allows it, and otherwise the mean of the log weights, which is a lower bound.
 */
export function evidenceOf(logWeights: Float64Array): Evidence {
  const n = logWeights.length;
  const most = logWeights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = logWeights.map((x) => Math.exp(x - most));
  const mean = weights.reduce((a, b) => a + b, 0) / n;
  if (paretoK(logWeights) <= paretoKLimit(n)) {
    return {
      value: most + Math.log(mean),
      standardError: sdOf(weights) / Math.sqrt(n) / mean,
      isBound: false,
    };
  }
  const value = logWeights.reduce((a, b) => a + b, 0) / n;
  return { value, standardError: sdOf(logWeights) / Math.sqrt(n), isBound: true };
}

function sdOf(values: Float64Array): number {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
}

/** A sentence for each reason to doubt the draws, with what to do; empty where there is none. */
export function reliabilityWarnings({ kHat, threshold = 0.7 }: Reliability): string[] {
  if (kHat === undefined || kHat <= threshold) return [];
  const how =
    kHat >= 1
      ? "means and standard deviations can be far off"
      : "means and standard deviations can be somewhat off";
  return [
    `k-hat is ${Number.isFinite(kHat) ? kHat.toFixed(2) : "infinite"}, above ${threshold.toFixed(2)}: the fitted ` +
      `approximation does not cover the posterior, and ${how}. Sample by NUTS (method nuts), or choose a method with ` +
      "correlations, more steps, or more particles",
  ];
}
