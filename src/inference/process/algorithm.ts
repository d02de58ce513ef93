/** What every method of inference is to the loop that runs it. */
import type { Program } from "../../runtime/index.ts";
import type { Precision, Tensor } from "../../tensor/internal.ts";
import type { ConstraintCheck } from "../logWeight/constraints.ts";

/** The name of the int32 scalar that counts the steps done; a part of every algorithm's state. */
export const STEP = "#step";

/**
 * An iterative method as data for the compiler: optimisation, a sampler, wake-sleep. One step replaces
 * the whole state at once; the state is all that a step depends on, so a run goes on from a copy of it to
 * the same bits.
 */
export interface Algorithm {
  /**
   * The value of each piece of state before the first step, by the name of its input, to be computed
   * once; `#step` is among them. It may lack axes of the input, along which it is constant.
   */
  readonly initial: Readonly<Record<string, Tensor>>;
  /** `[input, its value after the step]`, the inputs named as in `initial`. */
  readonly updates: readonly (readonly [Tensor, Tensor])[];
  /**
   * Float64 scalars computed from the state before the step. The loop reports their means over stretches of
   * steps; a run whose metrics are not finite is stopped.
   */
  readonly metrics: Readonly<Record<string, Tensor>>;
  /**
   * What the draws under `seedKey` follow from: a whole number from 0 to 2^53 - 1. Its words are inputs, a part of
   * the state that stays as it is, so that another seed compiles nothing.
   */
  readonly seed?: number;
  /** What its program computes in; float32 unless given. */
  readonly dtype?: Precision;
  /** Host code between calls of the program: adaptation windows, phases, alternation. */
  readonly between?: Between;
  /** What its metric `bound` is called in messages: "bound" unless given. */
  readonly objective?: string;
  /** Whether nothing is left to be done before the last step; asked after `between`. */
  readonly finished?: (program: Program) => boolean;
  /** What may be to blame where a metric or a piece of state is not finite. */
  readonly diagnosis?: () => Diagnosis;
}

/** Host code that runs at chosen steps. What it decides on must be in the program's state. */
export interface Between {
  /** The first step from `step` on, itself included, before which `run` is called; Infinity for never. */
  next(step: number): number;
  /** Called when `step` steps are done; reads and writes the state. */
  run(program: Program, step: number): void;
}

/** Tensors of one step that tell why its metrics are not finite. */
export interface Diagnosis {
  /** What each site adds to the objective, in nats: float64 scalars. */
  readonly sites: Readonly<Record<string, Tensor>>;
  /** The derivatives of the loss, by parameter. */
  readonly gradients: Readonly<Record<string, Tensor>>;
  /** The constraints on parameters of distributions and on observed values. */
  readonly constraintChecks: readonly ConstraintCheck[];
  /** Latents whose priors have no finite integral: the posterior may have none either. */
  readonly improper?: readonly string[];
}

/** What a metric is called among a program's outputs; no site or parameter has such a name. */
export function metricOutput(metric: string): string {
  return `#metric ${metric}`;
}
