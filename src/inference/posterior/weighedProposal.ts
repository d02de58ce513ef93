/** Draws weighted by the density under the model from a proposal in unconstrained space, and how far they can be trusted. */
import type { LaplaceApproximation } from "../density/laplace.ts";
import type { LogDensity } from "../density/logDensity.ts";
import { normalNoise } from "../guides/noise/fixedNoise.ts";
import { heavyTails } from "../guides/noise/heavyTails.ts";
import { hasProperPriors } from "../logWeight/priors.ts";
import {
  adapted,
  momentsOf,
  type PositionProposal,
  positionRatios,
  weightedPositions,
} from "./positionProposal.ts";
import { positionsOf } from "./positions.ts";
import { type PosteriorDraws, sitesAtNumbers } from "./posteriorDraws.ts";
import { mostMoved } from "./reliability/moved.ts";
import { evidenceOf, kHats, type Reliability } from "./reliability/reliability.ts";
import { canBeWeighed, haveTail, isBetterBy, NO_VARIANCE } from "./reliability/weights.ts";

/**
 * Fresh draws that the ratios are taken of, each for one evaluation of the density: weights often have a tail that few do
 * not show.
 */
const RATIOS = 10_000;

/**
 * What a set of particles is to be worth at least, and how many it has at most: means of few are drawn to those of the
 * proposal.
 */
const [WORTH_OF_SET, MOST_OF_SET] = [30, 1000];

/** How many particles of such efficiency are worth enough. */
export function sizeWorth(efficiency: number): number {
  return Math.min(MOST_OF_SET, Math.ceil(WORTH_OF_SET / efficiency));
}

/** Numbers of a position at most where draws are weighed one by one. */
const MOST_WEIGHED = 100;

/** How draws at positions are made. */
type NumberOptions = Parameters<typeof sitesAtNumbers>[2];

/** Draws, and how far they can be trusted. */
export interface WeighedDraws {
  /** By site, resampled by their weights. */
  readonly samples: PosteriorDraws;
  /** Judged by other draws of the same proposal. */
  readonly reliability: Reliability;
}

/** Less than a tenth of the draws. */
const isWorthLittle = ({ efficiency = 0 }: Reliability) => efficiency < 0.1;

/**
 * Operations of an evaluation up to which another proposal is tried, by up to 110,000 evaluations (`adapted`): 1e10
 * operations, and ten times as many where there is much to gain.
 */
const [FEW_OPERATIONS, MOST_OPERATIONS] = [100_000, 1_000_000];

/** Whether a trial of another proposal costs little, or the weights are so poor that there is much to gain. */
function isWorthTrial({ operations }: LogDensity, known: Reliability): boolean {
  const { kHat = 0 } = known;
  const isPoor = kHat > NO_VARIANCE || isWorthLittle(known);
  return operations <= (isPoor ? MOST_OPERATIONS : FEW_OPERATIONS);
}

/** How far draws of a proposal can be trusted, and whether they are weighed. */
export interface JudgedProposal {
  /** Where draws are from. */
  readonly proposal: PositionProposal;
  /** Whether they are nearer to the posterior with their weights than without. */
  readonly isWeighed: boolean;
  /** Of the ratios of fresh draws. */
  readonly reliability: Reliability;
}

/**
 * The normal at the mode, or what its weighted draws make of it, where weights have a tail: with the moments of the
 * posterior, and heavier tails.
 */
export function judgeLaplace(
  density: LogDensity,
  { mode: centre, factor }: LaplaceApproximation,
  seed: number,
): JudgedProposal {
  const atMode = judgeProposal(density, { centre, factor, noise: normalNoise }, seed);
  const { reliability: known } = atMode;
  const isTried = haveTail(known) && isWorthTrial(density, known);
  if (density.dimension > MOST_WEIGHED || !isTried) return atMode;
  const better = adapted(density, { centre, factor, noise: heavyTails }, seed);
  const judged = judgeProposal(density, better, seed);
  return judged.isWeighed && isBetterBy(judged.reliability, known) ? judged : atMode;
}

function judgeProposal(
  density: LogDensity,
  proposal: PositionProposal,
  seed: number,
): JudgedProposal {
  const ratios = positionRatios(density, proposal, RATIOS, seed);
  const evidence = evidenceOf(ratios.logRatios);
  const isKnown = !evidence.isBound && hasProperPriors(density.trace);
  // Without sites, as its draws are not made one by one here.
  const tail = kHats({ ...ratios, sites: {} });
  const found = {
    ...tail,
    // Means by weights without a variance that are worth so little come near, no more.
    ...(isWorthLittle(tail) && { threshold: NO_VARIANCE }),
    ...(isKnown && { evidence }),
  };
  const least = SHOWN_OF_SET / MOST_OF_SET;
  const isWeighed = density.dimension <= MOST_WEIGHED && canBeWeighed(found, least);
  const reliability = { ...found, ...(!isWeighed && mostMoved(ratios)) };
  return { proposal, isWeighed, reliability };
}

/** Draws of a set at least, and how many of them are shown, by their weights. */
const [DRAWS_OF_SET, SHOWN_OF_SET] = [200, 10];

/** Draws of a proposal weighted by the density, as those of guides are. */
export function weightedDraws(
  density: LogDensity,
  { proposal, reliability: { efficiency = 1 } }: JudgedProposal,
  options: NumberOptions,
): PosteriorDraws {
  const { draws, seed } = options;
  const shown = Math.min(SHOWN_OF_SET, draws);
  const positions = weightedPositions(density, proposal, {
    ...{ draws, seed, shown },
    ofSet: Math.max(DRAWS_OF_SET, sizeWorth(efficiency)),
  });
  return { ...sitesAtNumbers(density, positions, options), together: shown };
}

/**
 * Of draws that come near the posterior, whose weights have a tail: weighted draws of a proposal that is adapted from
 * their moments on, where that is better, or reliable where no k-hat is known. Undefined elsewhere, where a trial is not
 * worth it, and where there is no log density of all latents in few numbers.
 */
export function drawByMoments(
  density: LogDensity | undefined,
  drawn: PosteriorDraws,
  known: Reliability,
  options: NumberOptions,
): WeighedDraws | undefined {
  const { seed, onProgress } = options;
  if (density === undefined || density.dimension === 0 || density.dimension > MOST_WEIGHED) {
    return undefined;
  }
  if (!isWorthTrial(density, known)) return undefined;
  const moments = momentsOf(positionsOf(density, drawn));
  if (moments === undefined) return undefined;
  const onRound = () => onProgress?.(0);
  const proposal = adapted(density, { ...moments, noise: heavyTails }, seed, onRound);
  const judged = judgeProposal(density, proposal, seed);
  return judged.isWeighed && isBetterBy(judged.reliability, known)
    ? { samples: weightedDraws(density, judged, options), reliability: judged.reliability }
    : undefined;
}
