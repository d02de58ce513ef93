/** How chains vary within and among themselves, and along their draws. */
import { laggedProducts } from "./autocovariance.ts";
import { meanOf, varianceOf } from "./moments.ts";

/** Chains of one length, one after the other. */
export interface Chains {
  /** Draws, chain after chain. */
  readonly values: Float64Array;
  /** How many. */
  readonly chains: number;
}

/** The square root of how much larger the variance of all is than that within chains. */
export function plainRHat(split: Chains): number {
  const { within, all } = variances(split);
  return Math.sqrt(all / within);
}

/** The mean variance within chains, and the estimate of the variance of the distribution. */
function variances({ values, chains }: Chains) {
  const n = values.length / chains;
  const each = Array.from({ length: chains }, (_, c) => values.subarray(c * n, (c + 1) * n));
  const means = each.map(meanOf);
  const within = meanOf(each.map((chain, c) => varianceOf(chain, means[c])));
  const between = chains > 1 ? varianceOf(means) : 0;
  return { each, means, within, all: (within * (n - 1)) / n + between };
}

/** So many autocorrelations are made one by one, about as fast as all by Fourier transforms. */
const FEW_LAGS = 60;

/**
 * The number of draws divided by their autocorrelation time, by Geyer's initial monotone sequence (section 3.2 of Vehtari
 * and others 2021). At most the number of draws times its decimal logarithm: draws that alternate are worth more than
 * independent ones.
 */
export function effectiveSize(split: Chains): number {
  const { values, chains } = split;
  const n = values.length / chains;
  const { each, means, within, all } = variances(split);
  if (all === 0) return values.length;
  const deviations = each.map((chain, c) => deviationsOf(chain, means[c]));
  // Where more lags count than few, all are made at once.
  let atAll: Float64Array | undefined;
  const autocorrelations = (lag: number) => {
    if (lag > FEW_LAGS) atAll ??= laggedProducts(deviations);
    const two = atAll?.subarray(lag, lag + 2) ?? twoProducts(deviations, lag);
    return [0, 1].map((i) => 1 - (within - two[i] / (n * chains)) / all);
  };
  const rho = [1, autocorrelations(1)[0]];
  let [even, odd] = rho;
  let t = 1;
  // Pairs of neighbouring lags are positive in theory: what comes after the first that is not is noise.
  while (t < n - 3 && even + odd > 0) {
    [even, odd] = autocorrelations(t + 1);
    if (even + odd >= 0) rho.push(even, odd);
    t += 2;
  }
  const last = t - 2;
  if (even > 0) rho[last + 1] = even;
  // And they fall.
  for (let i = 1; i <= last - 2; i += 2) {
    const before = rho[i - 1] + rho[i];
    if (rho[i + 1] + rho[i + 2] > before) {
      rho[i + 1] = before / 2;
      rho[i + 2] = before / 2;
    }
  }
  const sum = rho.slice(0, last + 1).reduce((a, b) => a + b, 0);
  const time = -1 + 2 * sum + (rho[last + 1] ?? 0);
  return values.length / Math.max(time, 1 / Math.log10(values.length));
}

function deviationsOf(chain: Float64Array, mean: number): Float64Array {
  const deviations = new Float64Array(chain.length);
  for (let i = 0; i < chain.length; i++) deviations[i] = chain[i] - mean;
  return deviations;
}

/** Sums of products of deviations at a lag, and at the next. */
function twoProducts(chains: readonly Float64Array[], lag: number): readonly [number, number] {
  let [one, next] = [0, 0];
  for (const chain of chains) {
    const last = chain.length - lag - 1;
    for (let i = 0; i < last; i++) {
      const x = chain[i];
      one += x * chain[i + lag];
      next += x * chain[i + lag + 1];
    }
    if (last >= 0) one += chain[last] * chain[last + lag];
  }
  return [one, next];
}
