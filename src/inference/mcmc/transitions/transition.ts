/** What every sampler is to a chain. */
import type { ChainRandom } from "../random.ts";
import type { Point } from "./point.ts";

/** What a transition tells of itself; the same object each time. */
export interface TransitionReport {
  /** Mean of min(1, exp(H0 - H)) over the points that were proposed, in [0, 1]. */
  acceptance: number;
  /** Mean of 2 min(1, exp(H0 - H)) / (1 + exp(H0 - H)): small where the energy error is large of either sign. */
  symmetricAcceptance: number;
  /** Of the point chosen: minus its log density, plus its kinetic energy, in nats. */
  energy: number;
  /** Evaluations of the density. */
  leapfrogs: number;
  /** Doublings of the tree; 0 where there is none. */
  depth: number;
  /** Whether the energy error was larger than `MOST_ENERGY_ERROR`, or not a number. */
  diverging: boolean;
  /** How many steps the point chosen is away from where the trajectory began; 0 if the chain stays. */
  distance: number;
}

/** In nats (Stan, nutpie). */
export const MOST_ENERGY_ERROR = 1000;

/**
 * Doublings of a short trajectory. In the metric of a start some direction may need thousands of steps; gradients along few
 * of them teach the metric as much.
 */
export const SHORT_DEPTH = 5;
/** Their steps. */
export const SHORT_STEPS = 2 ** SHORT_DEPTH - 1;

/** A report with zeros. */
export function newReport(): TransitionReport {
  const shares = { acceptance: 0, symmetricAcceptance: 0, energy: 0 };
  return { ...shares, leapfrogs: 0, depth: 0, diverging: false, distance: 0 };
}

/** A Markov kernel that leaves the density of its target invariant. */
export interface Transition {
  /**
   * Moves `point` in place, by a trajectory of at most `SHORT_STEPS` where it is to be short. The report is overwritten by
   * the next call.
   */
  next(point: Point, stepSize: number, random: ChainRandom, isShort: boolean): TransitionReport;
  /** The log acceptance of one elementary move from `point`, which stays where it is: for the search for a step size. */
  trial(point: Point, stepSize: number, random: ChainRandom): number;
}
