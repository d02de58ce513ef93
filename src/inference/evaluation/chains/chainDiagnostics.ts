/**
 * What draws of Markov chains are worth (Vehtari, Gelman, Simpson, Carpenter and Burkner, "Rank-normalization, folding,
 * and localization", Bayesian Analysis 16, 2021). All take the draws of one number, chain after chain, each of the same
 * length. They are NaN where a draw is not finite, or chains are shorter than four draws.
 */
import {
  checkArguments,
  NUMBERS,
  objectWith,
  realNumber,
  SurmiseError,
  wholeNumber,
} from "../../../tensor/internal.ts";
import { inverseNormal } from "../inverseNormal.ts";
import { quantileOf } from "../quantile.ts";
import { laggedProducts } from "./autocovariance.ts";
import { betaQuantiles } from "./betaQuantile.ts";

/** Draws of one number. */
export interface ChainValues {
  /** Chain after chain. */
  readonly values: ArrayLike<number>;
  /** How many chains. */
  readonly chains: number;
}

/** Rank-normalised split R-hat: the larger of that of the draws, and of their distances from the median. */
export function rHat(draws: ChainValues): number {
  checkDraws("rHat", draws);
  if (!isUsable(draws)) return Number.NaN;
  const split = splitChains(draws);
  const ascending = sorted(split.values);
  return rHatOf(split, ascending, rankNormalised(split, ascending));
}

/** R-hat, ESS of bulk and tails, and MCSE of the mean, as the functions of these names, whose work they share. */
export function chainWorth(draws: ChainValues) {
  checkDraws("chainWorth", draws);
  if (!isUsable(draws)) {
    const unknown = Number.NaN;
    return { mcseMean: unknown, rhat: unknown, essBulk: unknown, essTail: unknown };
  }
  const split = splitChains(draws);
  const ascending = sorted(split.values);
  const normal = rankNormalised(split, ascending);
  return {
    mcseMean: mcseMean(draws),
    rhat: rHatOf(split, ascending, normal),
    essBulk: effective(normal),
    essTail: essOfTails(
      draws,
      split.values.length === draws.values.length ? ascending : sorted(draws.values),
    ),
  };
}

/** Chains of numbers. */
interface Chains extends ChainValues {
  readonly values: Float64Array;
}

function rHatOf(split: Chains, ascending: Float64Array, normal: Chains): number {
  const median = medianOf(ascending);
  const distances = split.values.map((x) => Math.abs(x - median));
  const bulk = plainRHat(normal);
  // Distances that are all one, as of two values in equal shares, say nothing.
  if (distances.every((x) => x === distances[0])) return bulk;
  const folded = { ...split, values: distances };
  return Math.max(bulk, plainRHat(rankNormalised(folded, distancesFrom(median, ascending))));
}

/** The distances of ascending values from `centre`, ascending: those below it and those above it, merged. */
function distancesFrom(centre: number, ascending: Float64Array): Float64Array {
  const distances = new Float64Array(ascending.length);
  let above = ascending.length >> 1;
  let below = above - 1;
  const at = (i: number) =>
    i < 0 || i >= ascending.length ? Infinity : Math.abs(ascending[i] - centre);
  for (let i = 0; i < distances.length; i++) {
    distances[i] = at(below) < at(above) ? at(below--) : at(above++);
  }
  return distances;
}

/** As the mean of the two in the middle: their distances from it are to be one, whatever is rounded. */
function medianOf(ascending: Float64Array): number {
  const half = ascending.length >> 1;
  return ascending.length % 2 === 1 ? ascending[half] : (ascending[half - 1] + ascending[half]) / 2;
}

/** What an argument that is `ChainValues` must be. */
const CHAIN_VALUES = objectWith({ values: NUMBERS });

/** @throws SurmiseError if these are no draws of chains of one length. */
function checkDraws(caller: string, draws: ChainValues): void {
  checkArguments(caller, { draws }, CHAIN_VALUES);
  const { values, chains } = draws;
  wholeNumber(`${caller}: chains`, chains, { least: 1 });
  if (values.length % chains === 0) return;
  throw new SurmiseError(
    `${caller}: ${values.length} draws are not those of ${chains} chains of one length`,
  );
}

/** Effective sample size in the bulk of the distribution, by ranks. */
export function essBulk(draws: ChainValues): number {
  checkDraws("essBulk", draws);
  if (!isUsable(draws)) return Number.NaN;
  const split = splitChains(draws);
  return effective(rankNormalised(split, sorted(split.values)));
}

/** Effective sample size in the tails: the smaller of those of the 5% and 95% quantiles. */
export function essTail(draws: ChainValues): number {
  checkDraws("essTail", draws);
  return isUsable(draws) ? essOfTails(draws, sorted(draws.values)) : Number.NaN;
}

function essOfTails(draws: ChainValues, ascending: Float64Array): number {
  const ess = (p: number) => essBelow(draws, quantileOf(ascending, p));
  return Math.min(ess(0.05), ess(0.95));
}

/** Effective sample size of the mean. */
export function essMean(draws: ChainValues): number {
  checkDraws("essMean", draws);
  return isUsable(draws) ? effective(splitChains(inUnits(draws))) : Number.NaN;
}

/** Effective sample size of the standard deviation: that of the squared distances from the mean. */
export function essSd(draws: ChainValues): number {
  checkDraws("essSd", draws);
  if (!isUsable(draws)) return Number.NaN;
  return essMean({ ...draws, values: squaredDistances(inUnits(draws)) });
}

/** Effective sample size of the quantile of probability `p`. */
export function essQuantile(draws: ChainValues, p: number): number {
  checkDraws("essQuantile", draws);
  realNumber("essQuantile: p", p, { least: 0, most: 1 });
  if (!isUsable(draws)) return Number.NaN;
  return essBelow(draws, quantileOf(sorted(draws.values), p));
}

/** Effective sample size of the share of draws up to `most`. */
function essBelow({ values, chains }: ChainValues, most: number): number {
  const below = new Float64Array(values.length);
  for (let i = 0; i < below.length; i++) below[i] = values[i] <= most ? 1 : 0;
  return effective(splitChains({ values: below, chains }));
}

/** Monte Carlo standard error of the mean. */
export function mcseMean(draws: ChainValues): number {
  checkDraws("mcseMean", draws);
  return sdOf(draws.values) / Math.sqrt(essMean(draws));
}

/** Monte Carlo standard error of the standard deviation: that of the variance, through the square root. */
export function mcseSd(draws: ChainValues): number {
  checkDraws("mcseSd", draws);
  if (!isUsable(draws)) return Number.NaN;
  const { unit, ...scaled } = inUnits(draws);
  const sd = sdOf(scaled.values);
  if (sd === 0) return 0;
  const squares = squaredDistances(scaled);
  return (unit * sdOf(squares)) / Math.sqrt(essMean({ ...draws, values: squares })) / (2 * sd);
}

/** Where a standard normal variable lies one standard deviation below and above 0. */
const ONE_SD = [0.1586553, 0.8413447];

/**
 * Monte Carlo standard error of the quantile of probability `p`: half the distance of the two order statistics between which
 * the share of draws below the quantile, which has a beta distribution, lies as a normal within one standard deviation.
 */
export function mcseQuantile(draws: ChainValues, p: number): number {
  checkDraws("mcseQuantile", draws);
  realNumber("mcseQuantile: p", p, { least: 0, most: 1 });
  const ess = essQuantile(draws, p);
  if (Number.isNaN(ess)) return Number.NaN;
  const [below, above] = betaQuantiles(ess * p + 1, ess * (1 - p) + 1, ONE_SD);
  const ascending = sorted(draws.values);
  const last = ascending.length - 1;
  const low = Math.floor(Math.max(0, below * ascending.length - 1));
  const high = Math.ceil(Math.min(last, above * ascending.length - 1));
  return (ascending[Math.max(low, high)] - ascending[low]) / 2;
}

/**
 * E-BFMI of one chain: how much the energy changes from draw to draw, next to how much it varies (Betancourt 2016).
 * Below 0.3 the chain explores energies too slowly.
 */
export function eBfmi(energy: ArrayLike<number>): number {
  checkArguments("eBfmi", { energy }, NUMBERS);
  const { values } = inUnits({ values: energy, chains: 1 });
  let changes = 0;
  for (let i = 1; i < values.length; i++) changes += (values[i] - values[i - 1]) ** 2;
  return changes / (sdOf(values) ** 2 * (values.length - 1));
}

/** Draws as distances from the first of them, in a unit of about the largest, whose squares are numbers. */
function inUnits({ values, chains }: ChainValues) {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    most = Math.max(most, Math.abs(values[i] / 2 - values[0] / 2));
  }
  const unit = most > 0 ? 2 ** Math.floor(Math.log2(most)) : 1;
  const origin = values[0] / unit;
  const scaled = new Float64Array(values.length);
  for (let i = 0; i < scaled.length; i++) scaled[i] = values[i] / unit - origin;
  return { unit, chains, values: scaled };
}

function squaredDistances({ values }: Chains): Float64Array {
  const centre = meanOf(values);
  return values.map((x) => (x - centre) ** 2);
}

/** Shorter chains have no diagnostics. */
export const LEAST_DRAWS = 4;

function isUsable({ values, chains }: ChainValues): boolean {
  if (values.length < LEAST_DRAWS * chains) return false;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** Both halves of each chain as chains; the middle draw of an odd number is left out. */
function splitChains({ values, chains }: ChainValues): Chains {
  const draws = values.length / chains;
  const half = Math.floor(draws / 2);
  const split = new Float64Array(2 * chains * half);
  for (let c = 0; c < chains; c++) {
    for (let i = 0; i < half; i++) {
      split[2 * c * half + i] = values[c * draws + i];
      split[(2 * c + 1) * half + i] = values[(c + 1) * draws - half + i];
    }
  }
  return { values: split, chains: 2 * chains };
}

/** Ranks, those of ties averaged, as quantiles of a standard normal distribution; `ascending` are the values. */
function rankNormalised({ values, chains }: Chains, ascending: Float64Array): Chains {
  const n = values.length;
  const quantiles = new Float64Array(n);
  for (let from = 0; from < n; ) {
    let to = from + 1;
    while (to < n && ascending[to] === ascending[from]) to++;
    const rank = (from + to + 1) / 2;
    quantiles[from] = inverseNormal((rank - 3 / 8) / (n + 1 / 4));
    from = to;
  }
  return { values: values.map((x) => quantiles[firstOf(ascending, x)]), chains };
}

/** Where a value stands first among ascending ones, which have it. */
function firstOf(ascending: Float64Array, x: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The square root of how much larger the variance of all is than that within chains. */
function plainRHat(split: Chains): number {
  const { within, all } = variances(split);
  return Math.sqrt(all / within);
}

/** The mean variance within chains, and the estimate of the variance of the distribution. */
function variances({ values, chains }: Chains) {
  const n = values.length / chains;
  const each = Array.from({ length: chains }, (_, c) => values.subarray(c * n, (c + 1) * n));
  const means = each.map(meanOf);
  const within = meanOf(each.map(varianceOf));
  const between = chains > 1 ? varianceOf(means) : 0;
  return { each, means, within, all: (within * (n - 1)) / n + between };
}

/** So many autocorrelations are made one by one: of chains of 1000 draws about as many operations as two transforms. */
const FEW_LAGS = 100;

/**
 * The number of draws divided by their autocorrelation time, by Geyer's initial monotone sequence (their section 3.2).
 * At most the number of draws times its decimal logarithm: draws that alternate are worth more than independent ones.
 */
function effective(split: Chains): number {
  const { values, chains } = split;
  const n = values.length / chains;
  const { each, means, within, all } = variances(split);
  if (all === 0) return values.length;
  const products = (lag: number) => {
    let total = 0;
    for (let c = 0; c < chains; c++) {
      const chain = each[c];
      for (let i = 0; i + lag < n; i++)
        total += (chain[i] - means[c]) * (chain[i + lag] - means[c]);
    }
    return total;
  };
  // Where more lags count than that, all are made at once.
  let atAll: readonly Float64Array[] | undefined;
  const productsAtAll = (lag: number) => {
    atAll ??= each.map((chain, c) => laggedProducts(chain.map((x) => x - means[c])));
    return atAll.reduce((total, ofChain) => total + ofChain[lag], 0);
  };
  const autocorrelation = (lag: number) => {
    const total = lag <= FEW_LAGS ? products(lag) : productsAtAll(lag);
    return 1 - (within - total / (n * chains)) / all;
  };
  const rho = [1, autocorrelation(1)];
  let [even, odd] = rho;
  let t = 1;
  // Pairs of neighbouring lags are positive in theory: what comes after the first that is not is noise.
  while (t < n - 3 && even + odd > 0) {
    even = autocorrelation(t + 1);
    odd = autocorrelation(t + 2);
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
  const { unit, values: scaled } = inUnits({ values, chains: 1 });
  return unit * Math.sqrt(varianceOf(scaled));
}

/** The variance, with n - 1, of values whose squares are numbers. */
function varianceOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return squares / (values.length - 1);
}

const sorted = (values: ArrayLike<number>) => Float64Array.from(values).sort();
