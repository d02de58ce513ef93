import type { Tensor } from "../tensor/index.ts";

/**
 * A rule that makes a loss smaller, as a pair of pure functions on expressions. It is applied to
 * each parameter on its own; whatever it remembers of a parameter is in its slots, tensors over the
 * parameter's axes that the caller keeps from step to step.
 */
export interface Optimiser {
  /** Such as `adam`. */
  readonly name: string;
  /** For the record of a run; a schedule is recorded by its name. */
  readonly settings: Readonly<Record<string, number | string>>;
  /** The names of what it remembers of each parameter, such as `m` and `v`. */
  readonly slots: readonly string[];
  /** The most that the norm of the gradients of all parameters together may be; any unless given. */
  readonly mostNorm?: number;
  /** The slots before the first step; may lack axes along which they are constant. */
  init(param: Tensor): Slots;
  /**
   * One step. `gradient` is that of the loss (smaller is better) and may lack axes along which it
   * is constant; `step` is a float32 scalar, 1 at the first update.
   */
  update(param: Tensor, gradient: Tensor, slots: Slots, step: Tensor): Updated;
}

/** What an optimiser remembers of one parameter, by name; over the axes of the parameter. */
export type Slots = Readonly<Record<string, Tensor>>;

/** A parameter and its slots after a step. */
export interface Updated {
  /** The new value, of the axes and type of the parameter. */
  readonly param: Tensor;
  /** The new slots. */
  readonly slots: Slots;
}
