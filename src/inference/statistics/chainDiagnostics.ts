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
} from "../../tensor/internal.ts";
import { betaQuantiles } from "./betaQuantile.ts";
import { type Chains, effectiveSize, plainRHat } from "./effectiveSize.ts";
import { inUnits, meanOf, sdOf } from "./moments.ts";
import { quantileOf } from "./quantile.ts";
import { type Ascending, ascendingOf, distancesFrom, medianOf, rankNormalised } from "./ranks.ts";

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
  const ascending = ascendingOf(split.values);
  return rHatOf(ascending, inRanks(split, ascending));
}

/**
 * R-hat, ESS of bulk and tails, and MCSE of the mean, as the functions of these names, whose work they share; `ascending` are
 * the same draws.
 */
export function chainWorth(draws: ChainValues, ascending: Ascending) {
  checkDraws("chainWorth", draws);
  if (!isUsable(draws)) {
    const unknown = Number.NaN;
    return { mcseMean: unknown, rhat: unknown, essBulk: unknown, essTail: unknown };
  }
  const split = splitChains(draws);
  const isWhole = split.values.length === draws.values.length;
  const ofSplit = isWhole ? ascending : ascendingOf(split.values);
  const bulk = inRanks(split, ofSplit);
  return {
    mcseMean: mcseMean(draws),
    rhat: rHatOf(ofSplit, bulk),
    essBulk: effectiveSize(bulk),
    essTail: essOfTails(draws, ascending.values),
  };
}

function rHatOf(ascending: Ascending, bulk: Chains): number {
  const distances = distancesFrom(medianOf(ascending), ascending);
  // Distances that are all one, as of two values in equal shares, say nothing.
  if (distances.values[0] === distances.values[distances.values.length - 1]) return plainRHat(bulk);
  const folded = { ...bulk, values: rankNormalised(distances) };
  return Math.max(plainRHat(bulk), plainRHat(folded));
}

/** Chains whose values are their ranks among all, as quantiles of a standard normal distribution. */
function inRanks({ chains }: Chains, ascending: Ascending): Chains {
  return { values: rankNormalised(ascending), chains };
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
  return effectiveSize(inRanks(split, ascendingOf(split.values)));
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
  return isUsable(draws)
    ? effectiveSize(splitChains({ ...draws, ...inUnits(draws.values) }))
    : Number.NaN;
}

/** Effective sample size of the standard deviation: that of the squared distances from the mean. */
export function essSd(draws: ChainValues): number {
  checkDraws("essSd", draws);
  if (!isUsable(draws)) return Number.NaN;
  return essMean({ ...draws, values: squaredDistances(inUnits(draws.values).values) });
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
  return effectiveSize(splitChains({ values: below, chains }));
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
  const { unit, values } = inUnits(draws.values);
  const sd = sdOf(values);
  if (sd === 0) return 0;
  const squares = squaredDistances(values);
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
  const { values } = inUnits(energy);
  let changes = 0;
  for (let i = 1; i < values.length; i++) changes += (values[i] - values[i - 1]) ** 2;
  return changes / (sdOf(values) ** 2 * (values.length - 1));
}

function squaredDistances(values: Float64Array): Float64Array {
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

const sorted = (values: ArrayLike<number>) => ascendingOf(values).values;
