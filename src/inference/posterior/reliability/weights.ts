/** What is done with weighted draws, by what their weights are worth. */
import { MOST_RELIABLE_K } from "../../statistics/psis.ts";
import type { Evidence, Reliability } from "./reliability.ts";

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

/** From here on their mean has a bias that shows. */
const LARGE_SET_VARIANCE = 0.25;

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
