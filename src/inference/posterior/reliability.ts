/** How far the draws of a fit can be trusted, and what they say of the log evidence. */
import { checkArguments, OBJECT, sizeOf } from "../../tensor/internal.ts";
import type { Modes } from "../density/modes/severalModes.ts";
import { meanOf, sdOf } from "../statistics/moments.ts";
import { MOST_RELIABLE_K, paretoK, paretoKLimit, paretoSmooth } from "../statistics/psis.ts";
import type { PosteriorDraws } from "./posteriorDraws.ts";
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

/** A mode that draws do not reach. */
export interface MissedMode {
  /** The name of the latent that lies farthest off there. */
  readonly name: string;
  /** Its value there. */
  readonly value: number;
  /** About the share of the posterior that the mode holds. */
  readonly share: number;
}

/** How weighting by p(x, z) / q(z), or a Markov chain, moves the draws of a latent. */
export interface Moved {
  /** The name of the latent. */
  readonly name: string;
  /** The mean after it less that before, in standard deviations after it. */
  readonly shift: number;
  /** The standard deviation before it, in those after it. */
  readonly ratio: number;
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

/** Means may be off by so many standard deviations, and standard deviations by so much of themselves. */
export const TOLERANCE = 0.2;
/** Standard errors that what weights say may be off. */
const ERRORS = 4;

/** The latent that weights move most, if by more than the tolerance and their Monte Carlo errors. */
export function mostMoved({
  logRatios,
  sites,
}: Pick<Ratios, "logRatios" | "sites">): Pick<Reliability, "moved"> {
  const weights = paretoSmooth(logRatios).logWeights.map(Math.exp);
  const worth = 1 / weights.reduce((sum, w) => sum + w * w, 0);
  let most = TOLERANCE + ERRORS / Math.sqrt(worth);
  let moved: Moved | undefined;
  for (const [name, { axes, data }] of Object.entries(sites)) {
    const size = sizeOf(axes);
    for (let at = 0; at < size; at++) {
      const values = weights.map((_, d) => data[d * size + at]);
      const found = { name, ...movedBy(weights, values) };
      const away = awayOf(found);
      if (!(away > most)) continue;
      most = away;
      moved = found;
    }
  }
  return moved === undefined ? {} : { moved };
}

function movedBy(weights: Float64Array, values: Float64Array): Omit<Moved, "name"> {
  const origin = values[0];
  const weighted = origin + weights.reduce((sum, w, d) => sum + w * (values[d] - origin), 0);
  const variance = weights.reduce((sum, w, d) => sum + w * (values[d] - weighted) ** 2, 0);
  const sd = Math.sqrt(variance);
  return { shift: (weighted - meanOf(values)) / sd, ratio: sdOf(values) / sd };
}

const awayOf = ({ shift, ratio }: Omit<Moved, "name">) =>
  Math.max(Math.abs(shift), Math.abs(Math.log(ratio)));

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

/** Where the estimates of sets of particles vary by more, each set misses most of the posterior. */
const MOST_SET_VARIANCE = 1;
/** From here on their mean has a bias that shows. */
const LARGE_SET_VARIANCE = 0.25;

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

/** Draws that are worth less, as a share of them, are looked at again, whatever the tail of their weights. */
const ENOUGH = 0.6;

/** Whether nothing speaks against draws whose weights are uneven: Markov chains may tell more. */
export function isUndecided(reliability: Reliability): boolean {
  const { efficiency = 1, endless } = reliability;
  const isUneven = haveTail(reliability) || efficiency < ENOUGH;
  return isUneven && endless === undefined && drawWarnings(reliability).length === 0;
}

/** A sentence for each reason to doubt the draws, with what to do; empty where there is none. */
export function reliabilityWarnings(reliability: Reliability): string[] {
  checkArguments("reliabilityWarnings", { reliability }, OBJECT);
  const { endless, unsettled } = reliability;
  return [
    ...(endless === undefined ? drawWarnings(reliability) : [endlessWarning(endless)]),
    ...(unsettled === undefined ? [] : [stillMoved(unsettled)]),
  ];
}

/** Draws whose weights are worth this share of them are nearly those of the posterior, whatever the tail of the weights. */
const LEAST_EFFICIENCY = 0.5;

/** The least share of draws that their weights may be worth: the bias of weighted means grows as it falls. */
const LEAST_TO_RESAMPLE = 0.05;

/** From here on weights have no variance, and no mean (Vehtari et al. 2024). */
export const [NO_VARIANCE, NO_MEAN] = [0.5, 1];

/**
 * Whether draws weighted by their ratios are nearer to the posterior than they are: where the weights have a mean. Between
 * the threshold and there moments are warned of, but less far off than without weights.
 *
 * @param least the share of the draws that their weights must be worth
 */
export function canBeWeighed(
  { kHat = Number.POSITIVE_INFINITY, efficiency = 0 }: Reliability,
  least = LEAST_TO_RESAMPLE,
): boolean {
  return (kHat < NO_MEAN && efficiency >= least) || efficiency > LEAST_EFFICIENCY;
}

/** Draws of which a heavy tail is counted. */
const COUNTED = 1000;

/**
 * What weighted draws are worth, as a share of them: the efficiency of their weights and, from k-hat 1/2 on, what remains as
 * errors of means fall by n^-(1 - k) and not by n^(-1/2) with their number (Vehtari and others 2024, section 3.2).
 */
function worthOfWeights({ kHat = MOST_RELIABLE_K, efficiency = 1 }: Reliability): number {
  return efficiency * COUNTED ** (2 * Math.min(1 / 2, 1 - kHat) - 1);
}

/**
 * Evidences that differ by so many nats, and so many standard errors, are of draws of which some miss a part of the
 * posterior.
 */
const [LEAST_PART, PART_ERRORS] = [0.02, 4];

/** Whether one evidence tells of a part of the posterior that another one misses; bounds tell nothing. */
function hasMore(one: Evidence | undefined, other: Evidence | undefined): boolean {
  if (one === undefined || other === undefined || one.isBound || other.isBound) return false;
  const error = Math.hypot(one.standardError, other.standardError);
  return one.value - other.value > LEAST_PART + PART_ERRORS * error;
}

/**
 * Whether draws by the weights `one` are better than those by `other`: they find more of the posterior, or as much and are
 * worth more.
 */
export function isBetterBy(one: Reliability, other: Reliability): boolean {
  if (hasMore(one.evidence, other.evidence)) return true;
  if (hasMore(other.evidence, one.evidence)) return false;
  return worthOfWeights(one) > worthOfWeights(other);
}

/** Whether weighted draws are to be doubted: their weights have a heavy tail, and are not nearly alike. */
export function isUneven({
  kHat,
  threshold = MOST_RELIABLE_K,
  efficiency = 0,
}: Reliability): boolean {
  return kHat !== undefined && kHat > threshold && efficiency <= LEAST_EFFICIENCY;
}

/** Weights that are worth this share of the draws are alike, and those that are not worth that have a tail, seen or not. */
const [ALIKE, WORTH] = [0.95, 0.3];
/** A k-hat well below what leaves no variance: that of few draws is too small where a proposal hardly reaches the tails. */
const LITTLE = 0.3;

/** Whether weights say that another proposal is worth a trial: they have a tail, or sets of them vary much. */
export function haveTail(reliability: Reliability): boolean {
  const { setVariance = 0, kHat = 0, efficiency = 1 } = reliability;
  return (
    setVariance > LARGE_SET_VARIANCE || efficiency < WORTH || (kHat > LITTLE && efficiency < ALIKE)
  );
}

function drawWarnings(reliability: Reliability): string[] {
  const { kHat, threshold = MOST_RELIABLE_K, setVariance = 0 } = reliability;
  const { moved, missed, drifted } = reliability;
  if (missed !== undefined) return [missedWarning(missed)];
  if (drifted !== undefined) return [driftedWarning(drifted)];
  if (setVariance > MOST_SET_VARIANCE) {
    return [
      `sets of particles disagree on the evidence (relative variance ${setVariance.toFixed(1)}, above ` +
        `${MOST_SET_VARIANCE}): each misses a part of the posterior, and means and standard deviations can be far off. ` +
        "Take more particles, or sample by NUTS (method nuts)",
    ];
  }
  if (kHat === undefined) return [];
  // A tail of weights that are nearly alike, however it grows, moves no mean.
  if (!isUneven(reliability)) return moved === undefined ? [] : [movedWarning(moved)];
  const how =
    kHat >= NO_MEAN
      ? "means and standard deviations can be far off"
      : "means and standard deviations can be somewhat off";
  return [
    `k-hat is ${Number.isFinite(kHat) ? kHat.toFixed(2) : "infinite"}, above ${threshold.toFixed(2)}: the fitted ` +
      `approximation does not cover the posterior, and ${how}. Sample by NUTS (method nuts), or choose a method with ` +
      "correlations, more steps, or more particles",
  ];
}

/** A sentence about a mode that draws do not reach, with what to do. */
export function missedWarning({ name, value, share }: MissedMode, byChains = false): string {
  const otherwise = byChains
    ? "start chains there too (init), and weigh the modes by their shares"
    : "sample by NUTS (method nuts) from several starts";
  return (
    `the posterior has another mode, where '${name}' is near ${Number(value.toPrecision(3))}, with about ` +
    `${percent(share)}% of it, which the draws do not reach: means and standard deviations are those of one mode. ` +
    `Where the modes are the same up to an exchange, tell its parts apart (ordered); else ${otherwise}`
  );
}

/** A share in whole percents, or of less than one a digit. */
const percent = (share: number) => {
  const each = 100 * share;
  return each < 1 ? Number(each.toPrecision(1)) : Math.round(each);
};

/** Draws reach a mode if so many are nearer to it, as a share of those that should be. */
const REACHED = 0.5;

/**
 * The mode with the largest share of those that the draws hardly reach. Each is told apart from the best one by the element that
 * lies farthest apart.
 */
export function missedMode(draws: PosteriorDraws, modes: Modes): Pick<Reliability, "missed"> {
  const missed = modes.flatMap(({ isMinor }, k) =>
    isMinor ? [] : (missedAt(draws, modes, k) ?? []),
  );
  const [first, ...others] = missed;
  if (first === undefined) return {};
  return { missed: others.reduce((a, b) => (b.share > a.share ? b : a), first) };
}

/** The mode `k`, if the draws hardly reach it. */
function missedAt(
  { draws, sites }: PosteriorDraws,
  modes: Modes,
  k: number,
): MissedMode | undefined {
  const other = k === 0 ? 1 : 0;
  let farthest = 0;
  let found: MissedMode | undefined;
  for (const [name, { kind, axes, data }] of Object.entries(sites)) {
    if (kind !== "latent" || !modes.every(({ values }) => Object.hasOwn(values, name))) continue;
    const size = sizeOf(axes);
    for (let at = 0; at < size; at++) {
      const centres = modes.map(({ values }) => Number(values[name].data[at]));
      const drawn = Float64Array.from({ length: draws }, (_, d) => data[d * size + at]);
      const apart = Math.abs(centres[k] - centres[other]) / sdOf(drawn);
      if (!(apart > farthest)) continue;
      farthest = apart;
      const { share } = modes[k];
      const value = centres[k];
      const isNearest = (x: number) => centres.every((c) => Math.abs(x - value) <= Math.abs(x - c));
      const reached = drawn.filter(isNearest).length / draws;
      found = reached < REACHED * share ? { name, value, share } : undefined;
    }
  }
  return found;
}

/** Whether the mean is moved more than the standard deviation. */
const isOfMean = (moved: Moved) => awayOf(moved) > Math.abs(Math.log(moved.ratio));

function movedWarning(moved: Moved): string {
  const { name, shift, ratio } = moved;
  const what = isOfMean(moved)
    ? `the mean of '${name}' is ${Math.abs(shift).toFixed(1)} standard deviations off`
    : `the standard deviation of '${name}' is ${ratio.toFixed(2)} times the right one`;
  return (
    `${what}, by the weights p / q of the draws: the approximation has another shape than the posterior. Choose iwae, ` +
    "which weights its draws, or sample by NUTS (method nuts)"
  );
}

function driftedWarning(moved: Moved): string {
  const { name, shift, ratio } = moved;
  const what = isOfMean(moved)
    ? `move the mean of '${name}' by ${Math.abs(shift).toFixed(1)} standard deviations`
    : `make the standard deviation of '${name}' ${(1 / ratio).toFixed(2)} times as large`;
  return (
    `short Markov chains that begin at the draws ${what}: the draws miss a part of the posterior, and means and standard ` +
    "deviations can be far off. Sample by NUTS (method nuts)"
  );
}

/** A sentence about a latent along which the log density hardly falls, with what to do. */
export function endlessWarning(latent: string): string {
  return (
    `the log density hardly falls along latent '${latent}', ten standard deviations of the draws from their mean: the posterior ` +
    `is improper, or far wider than the draws, and they mean nothing. Give '${latent}' a proper prior, such as ` +
    "normal(0, 2.5), or leave out what the data cannot tell"
  );
}

/** A guide that had not come to rest at the last step. */
function stillMoved(moved: number): string {
  const far = moved < 100 ? `moved by ${moved.toPrecision(2)} standard deviations` : "still moved";
  return (
    `the guide had not come to rest at the last step: its parameters ${far} over the last hundreds of steps, so the numbers ` +
    "may be off by as much; give more steps, or take another method"
  );
}
