import type { Tensor } from "../tensor/index.ts";

/**
 * A rule that makes a loss smaller, as a pair of pure functions on expressions. It is applied to
 * each parameter on its own; whatever it remembers of a parameter is in its slots, tensors over the
 * parameter's axes that the caller keeps from step to step.
 */
export interface Optimiser {
  readonly name: string;
  /** For the record of a run; a schedule is recorded by its name. */
  readonly settings: Readonly<Record<string, number | string>>;
  readonly slots: readonly string[];
  /** The slots before the first step; may lack axes along which they are constant. */
  init(param: Tensor): Slots;
  /**
   * One step. `gradient` is that of the loss (smaller is better) and may lack axes along which it
   * is constant; `step` is a float32 scalar, 1 at the first update.
   */
  update(param: Tensor, gradient: Tensor, slots: Slots, step: Tensor): Updated;
}

export type Slots = Readonly<Record<string, Tensor>>;

export interface Updated {
  readonly param: Tensor;
  readonly slots: Slots;
}
