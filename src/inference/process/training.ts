import type { Parameters } from "../../model/index.ts";
import type { Optimiser, Updated } from "../../optim/index.ts";
import {
  cast,
  constant,
  fold,
  grad,
  input,
  type Key,
  key,
  type Tensor,
} from "../../tensor/index.ts";
import type { Limit } from "../logWeight/limits.ts";

/**
 * What is made larger, at the 0-based int32 scalar `step`. `stepKey` is new at each step: give it to
 * `bound`. `runKey` stays: give it to `minibatch`.
 */
export type Objective = (
  step: Tensor,
  stepKey: Key,
  runKey: Key,
) => {
  readonly bound: Tensor;
  readonly sites: Readonly<Record<string, Tensor>>;
  readonly limits?: () => readonly Limit[];
};

export interface TrainingOptions {
  readonly objective: Objective;
  /** The store that the objective puts its parameters into. */
  readonly parameters: Parameters;
  readonly optimiser: Optimiser;
  /** The loss is -scale * bound; 1 / (number of data) makes it a loss per datum. 1 unless given. */
  readonly scale?: number;
  /** Everything random follows from it: a whole number from 0 to 2^53 - 1. */
  readonly seed: number;
}

/**
 * One training step, as data for the compiler. The state is, by the names of its inputs: each
 * parameter, `PARAM#SLOT` for each slot of the optimiser, `PARAM#unit` where it has one, `#step` (int32, steps done) and
 * `#boundTotal` (float64, the sum of the bounds since it was last set to zero).
 */
export interface Training {
  /** Computed from the state before the step: `bound`, a float64 scalar. */
  readonly outputs: { readonly bound: Tensor };
  /** `[input, its value after the step]`; all are replaced at once. */
  readonly updates: readonly (readonly [Tensor, Tensor])[];
  /**
   * The value of each input before the first step, to be run once. It may lack axes of the input,
   * along which it is constant.
   */
  readonly initial: Readonly<Record<string, Tensor>>;
  /** The derivatives of the loss, by parameter. */
  readonly gradients: Readonly<Record<string, Tensor>>;
  /** What each site adds to the bound: where it is not finite, they say which site is to blame. */
  readonly sites: Readonly<Record<string, Tensor>>;
  /** What must lie in a set: where the bound is not finite, they say why. */
  readonly limits: () => readonly Limit[];
}

/** The training step that makes `objective` larger by `optimiser`. */
export function training(options: TrainingOptions): Training {
  const { objective, parameters, optimiser, scale = 1, seed } = options;
  const runKey = key(seed);
  const step = input("#step", [], "int32");
  const boundTotal = input("#boundTotal", [], "float64");
  const {
    bound,
    sites,
    limits = () => [],
  } = objective(step, fold(fold(runKey, "step"), step), runKey);

  const params = parameters.list();
  const gradients = grad(
    bound.mul(-scale),
    params.map(({ value }) => value),
  );
  const next = step.add(1);
  const count = cast(next, "float32");
  const updates: [Tensor, Tensor][] = [
    [step, next],
    [boundTotal, boundTotal.add(cast(bound, "float64"))],
  ];
  const initial: Record<string, Tensor> = {
    "#step": constant(0, "int32"),
    "#boundTotal": constant(0, "float64"),
  };
  params.forEach(({ name, axes, dtype, init, unit, value }, i) => {
    const slotName = (slot: string) => `${name}#${slot}`;
    const slots = Object.fromEntries(
      optimiser.slots.map((slot) => [slot, input(slotName(slot), axes, dtype)]),
    );
    const start = init(fold(fold(runKey, name), "init"), axes, dtype);
    const startSlots = optimiser.init(start);
    initial[name] = start;
    const updated = inUnits(
      unit && input(slotName("unit"), axes, dtype),
      (param, gradient) => optimiser.update(param, gradient, slots, count),
      value,
      gradients[i],
    );
    if (unit !== undefined) initial[slotName("unit")] = unit;
    updates.push([value, updated.param]);
    for (const slot of optimiser.slots) {
      initial[slotName(slot)] = startSlots[slot];
      updates.push([slots[slot], updated.slots[slot]]);
    }
  });
  return {
    outputs: { bound },
    updates,
    initial,
    gradients: Object.fromEntries(params.map(({ name }, i) => [name, gradients[i]])),
    sites,
    limits,
  };
}

/** An update of a parameter as a number of units. */
function inUnits(
  unit: Tensor | undefined,
  update: (param: Tensor, gradient: Tensor) => Updated,
  param: Tensor,
  gradient: Tensor,
): Updated {
  if (unit === undefined) return update(param, gradient);
  const { param: next, slots } = update(param.div(unit), gradient.mul(unit));
  return { param: next.mul(unit), slots };
}
