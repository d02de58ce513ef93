/** How weights move the draws of a latent. */
import { sizeOf } from "../../../tensor/internal.ts";
import { meanOf, sdOf } from "../../statistics/moments.ts";
import { paretoSmooth } from "../../statistics/psis.ts";
import type { Ratios } from "../ratios.ts";

/** How weighting by p(x, z) / q(z), or a Markov chain, moves the draws of a latent. */
export interface Moved {
  /** The name of the latent. */
  readonly name: string;
  /** The mean after it less that before, in standard deviations after it. */
  readonly shift: number;
  /** The standard deviation before it, in those after it. */
  readonly ratio: number;
}

/** Means may be off by so many standard deviations, and standard deviations by so much of themselves. */
export const TOLERANCE = 0.2;
/** Standard errors that what weights say may be off. */
const ERRORS = 4;

/** The latent that weights move most, if by more than the tolerance and their Monte Carlo errors. */
export function mostMoved({ logRatios, sites }: Pick<Ratios, "logRatios" | "sites">): {
  readonly moved?: Moved;
} {
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

/** Whether the mean is moved more than the standard deviation. */
export const isOfMean = (moved: Moved) => awayOf(moved) > Math.abs(Math.log(moved.ratio));
