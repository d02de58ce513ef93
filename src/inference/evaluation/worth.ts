/** What the draws of a number are worth, by how they were made. */
import type { PosteriorDraws } from "../posterior/posteriorDraws.ts";
import { chainWorth } from "../statistics/chainDiagnostics.ts";
import { meanOf, sdOf } from "../statistics/moments.ts";
import type { Ascending } from "../statistics/ranks.ts";

/** What draws are worth; absent where they do not vary, or there are too few of them to say. */
export interface Worth {
  /** The Monte Carlo standard error of the mean. */
  readonly mcseMean?: number;
  /** Of weighted draws: how many independent ones they are worth, at most as many as they are. */
  readonly ess?: number;
  /**
   * Of chains: how far they are from having one distribution; good below 1.01, and 1 in the end. Infinite (null in JSON) where
   * none of them moves, and they differ.
   */
  readonly rhat?: number;
  /** Of chains: how many independent draws they are worth in the bulk of the distribution. */
  readonly essBulk?: number;
  /** Of chains: how many independent draws they are worth for its 5% and 95% quantiles. */
  readonly essTail?: number;
}

/** What the draws of one number are worth; `ascending` are the same. */
export function worthOf(
  values: Float64Array,
  ascending: Ascending,
  { chains, together, worth }: PosteriorDraws,
): Worth {
  if (ascending.values[0] === ascending.values[values.length - 1]) return {};
  if (chains !== undefined) {
    return known(chainWorth({ values, chains }, ascending));
  }
  const sd = sdOf(values);
  if (together === undefined && worth === undefined) {
    return { mcseMean: sd / Math.sqrt(values.length) };
  }
  const ess =
    together === undefined ? Math.min(values.length, worth as number) : essOfSets(values, together);
  return known({ ess, mcseMean: sd / Math.sqrt(ess) });
}

/**
 * How many independent draws those are worth that come from one set of particles, `together` at a time: by how much
 * the means of the sets vary. NaN for fewer than two sets.
 */
function essOfSets(values: Float64Array, together: number): number {
  const sets = Math.floor(values.length / together);
  const means = Array.from({ length: sets }, (_, s) =>
    meanOf(values.subarray(s * together, (s + 1) * together)),
  );
  return Math.min(values.length, (sdOf(values) / sdOf(means)) ** 2 * sets);
}

/** Those that are numbers. */
function known(worth: Worth): Worth {
  return Object.fromEntries(Object.entries(worth).filter(([, x]) => !Number.isNaN(x)));
}
