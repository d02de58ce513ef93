/** How much of a posterior lies where a chain has been in warm-up. */

import { RunningMoments } from "../../statistics/runningMoments.ts";
import type { Slots } from "../memory.ts";
import type { Point } from "../transitions/point.ts";

/** When chains are compared, by what they did in the second half of the time before. */
interface Comparison {
  /** The share of warm-up after which it is. */
  readonly share: number;
  /** So many nats below another chain's there is none of the posterior. */
  readonly negligible: number;
  /** And so many for each number. */
  readonly negligibleEach: number;
}

/** The later one sees chains that have come to rest, and can tell modes apart whose masses are less far apart. */
const COMPARISONS: readonly Comparison[] = [
  { share: 0.1, negligible: 20, negligibleEach: 2 },
  { share: 0.5, negligible: 8, negligibleEach: 1 },
];
/** Of fewer steps nothing is concluded. */
const FEWEST = 40;

/** The steps at which chains of so long a warm-up are compared, in order. */
export function comparedAt(warmup: number): readonly number[] {
  return comparisonsOf(warmup).map(({ at }) => at);
}

function comparisonsOf(warmup: number) {
  return COMPARISONS.map((each) => ({ ...each, at: Math.floor(each.share * warmup) })).filter(
    ({ at }) => at >= FEWEST,
  );
}

/** Mean log density and spread of a chain. */
export class Footing {
  private readonly moments: RunningMoments;
  private readonly logDensities: Float64Array;
  private readonly comparedAt: readonly number[];

  constructor(slots: Slots, dimension: number, warmup: number) {
    this.comparedAt = comparedAt(warmup);
    this.moments = new RunningMoments(slots, "footing", dimension);
    this.logDensities = slots("footing log densities", 1);
  }

  /** Takes in a point, if that of `step` counts. */
  add({ position, logDensity }: Point, step: number): void {
    const at = this.comparedAt.find((end) => step < end);
    if (at === undefined || step < at / 2) return;
    if (step - 1 < at / 2) {
      this.moments.clear();
      this.logDensities[0] = 0;
    }
    this.moments.add(position);
    this.logDensities[0] += logDensity;
  }

  /**
   * The log of the mass of the density around the chain, up to a constant, in nats: mean log density plus the sum of the log
   * standard deviations, as for a normal; -Infinity where it does not move.
   */
  get logMass(): number {
    const { count, squares } = this.moments;
    return squares.reduce(
      (total, square) => total + 0.5 * Math.log(square / count),
      this.logDensities[0] / count,
    );
  }
}

/**
 * For each chain, the chain whose state it had better go on from at step `at`: itself, unless where it is there is next to
 * nothing of what there is around the best one, as in a mode of a differential equation that explains nothing. Undefined at
 * other steps.
 */
export function betterFootings(
  logMasses: readonly number[],
  dimension: number,
  at: number,
  warmup: number,
): number[] | undefined {
  const comparison = comparisonsOf(warmup).find((each) => each.at === at);
  if (comparison === undefined) return undefined;
  const { negligible, negligibleEach } = comparison;
  const least = Math.max(...logMasses) - negligible - negligibleEach * dimension;
  const good = [...logMasses.keys()].filter((c) => logMasses[c] >= least);
  return logMasses.map((mass, c) =>
    mass >= least || good.length === 0 ? c : good[c % good.length],
  );
}
