/** What a control variate of the score function is. */
import type { Latent } from "../../../model/index.ts";
import {
  type Axis,
  FUNCTION,
  objectWith,
  TEXT,
  type Tensor,
  withoutAxes,
} from "../../../tensor/internal.ts";
import type { Need } from "../../requirements/combination.ts";
import type { CarriedState, Estimate } from "../estimator.ts";

/** What the log density of a latent's draws is multiplied by in the score function. */
export interface LearningSignal {
  /** The latent. */
  readonly latent: Latent;
  /** In nats, without derivative: float64 over plates of the latent and axes of averages. */
  readonly value: Tensor;
  /** Of the estimate that it belongs to, how its particles were summed out, and its averages. */
  readonly estimate: Pick<Estimate, "averages" | "steps">;
}

/** A signal with something taken off that does not depend on the draw it belongs to. */
export interface Controlled {
  /** As the signal, also over the particles of the latent where it differs between them. */
  readonly value: Tensor;
  /** What is carried from step to step. */
  readonly state?: CarriedState;
}

/** A control variate: lowers the variance of the score function and leaves its expectation as it is. */
export interface Control {
  /** As the gradient estimator made with it is called after `score`. */
  readonly name: string;
  /** In one line, for tables. */
  readonly about: string;
  /** Where it comes from. */
  readonly source: string;
  /** What it needs; nothing unless given. */
  readonly requires?: readonly Need[];
  /** The signal with the control variate taken off. */
  apply(signal: LearningSignal): Controlled;
}

/** What an argument that is a `Control` must be. */
export const CONTROL = objectWith({ name: TEXT, apply: FUNCTION });

/** How much of a running mean stays in each step (Ruiz and Titsias, ICML 2019). */
export const DECAY = 0.9;

/** The axes along which a signal is over, averages left out. */
export function elementsOf({ value, estimate }: LearningSignal): readonly Axis[] {
  return withoutAxes(value.axes, estimate.averages);
}
