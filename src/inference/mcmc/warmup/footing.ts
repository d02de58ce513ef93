/** How much of a posterior lies where a chain has been early in warm-up. */

import { RunningMoments } from "../../runningMoments.ts";
import type { Slots } from "../memory.ts";
import type { Point } from "../transitions/point.ts";

/** The share of warm-up after which chains are compared, by what they did in the second half of it. */
const SHARE = 0.1;
/** Of fewer steps nothing is concluded. */
const FEWEST = 40;

/** The step at which chains of so long a warm-up are compared; undefined if that is too short. */
export function comparedAt(warmup: number): number | undefined {
  const step = Math.floor(SHARE * warmup);
  return step < FEWEST ? undefined : step;
}

/** So many nats, and so many for each number, below another chain's there is none of the posterior. */
const [NEGLIGIBLE, NEGLIGIBLE_EACH] = [20, 2];

/** Mean log density and spread of a chain. */
export class Footing {
  private readonly moments: RunningMoments;
  private readonly logDensities: Float64Array;

  constructor(slots: Slots, dimension: number) {
    this.moments = new RunningMoments(slots, "footing", dimension);
    this.logDensities = slots("footing log densities", 1);
  }

  /** Takes in a point, if that of `step` counts. */
  add({ position, logDensity }: Point, step: number, warmup: number): void {
    const end = comparedAt(warmup);
    if (end === undefined || step < end / 2 || step >= end) return;
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
 * For each chain, the chain whose state it had better go on from: itself, unless where it is there is e^-20 of what there is
 * around the best one, or less, as in a mode of a differential equation that explains nothing.
 */
export function betterFootings(logMasses: readonly number[], dimension: number): number[] {
  const least = Math.max(...logMasses) - NEGLIGIBLE - NEGLIGIBLE_EACH * dimension;
  const good = [...logMasses.keys()].filter((c) => logMasses[c] >= least);
  return logMasses.map((mass, c) =>
    mass >= least || good.length === 0 ? c : good[c % good.length],
  );
}
