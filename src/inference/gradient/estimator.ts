/** What a gradient estimator is: where the derivatives of a log evidence estimate stop. */
import type { Latent } from "../../model/index.ts";
import { type Axis, stopGradient, type Tensor } from "../../tensor/internal.ts";
import type { EliminationStep } from "../elimination/eliminate.ts";
import type { Terms } from "../logWeight/terms.ts";
import type { LogWeight } from "../logWeight/weights.ts";
import type { Algorithm } from "../process/algorithm.ts";
import type { Combination } from "../requirements/combination.ts";
import type { Requiring } from "../requirements/requirement.ts";

/**
 * What stands in the place of each part of the log weight log p(x, z) - log q(z), in value the same. The
 * scalar that comes of it is the estimate log P; its derivative is what the parameters move by.
 */
export interface GradientEstimator extends Terms, Requiring<Combination> {
  /** In one line, for tables. */
  readonly about: string;
  /** Where it comes from. */
  readonly source: string;
  /** Whether it leads to the derivative of the expected bound, for p and for q. */
  readonly unbiased: boolean;
  /** What the model, and the guide of later latents, see of a draw. */
  draw(z: Tensor): Tensor;
  /** Acts once the particles are eliminated; the estimate as it is unless given. */
  after?(estimate: Estimate): Moved;
}

/** An estimate as an estimator leaves it. */
export interface Moved {
  /** In value the estimate; its derivative is the estimator's. Float64 scalar. */
  readonly value: Tensor;
  /** What is carried from step to step: the state of control variates. */
  readonly state?: CarriedState;
}

/** Pieces of state that stand beside the parameters. */
export type CarriedState = Pick<Algorithm, "initial" | "updates">;

/** All pieces of some states. */
export function joinStates(...states: readonly (CarriedState | undefined)[]): CarriedState {
  return {
    initial: Object.assign({}, ...states.map((state) => state?.initial)),
    updates: states.flatMap((state) => state?.updates ?? []),
  };
}

/** An estimate of the log evidence whose particles have been eliminated. */
export interface Estimate {
  /** Float64 scalar. */
  readonly value: Tensor;
  /** The terms that it is the sum of over their plates, each still over the axes of averages. */
  readonly weights: readonly LogWeight[];
  /** How the particle axes were summed out. */
  readonly steps: readonly EliminationStep[];
  /** The axes of averages. */
  readonly averages: readonly Axis[];
  /** The latents of the guide, whose values `value` is made of, in the plates of the model. */
  readonly latents: readonly Latent[];
  /** How often the divergence of the guide from the priors counts in `value`. */
  readonly beta: number | Tensor;
  /** Normalised weights of the particles of a latent, float64 over its particles and plates. */
  weightsOf(latent: string): Tensor;
}

/** `x` as it is. */
export const through = (x: Tensor): Tensor => x;

/** `x` with its derivative times -1. */
export const reversed = (x: Tensor): Tensor => stopGradient(x).mul(2).sub(x);
