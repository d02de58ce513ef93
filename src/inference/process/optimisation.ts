/** Parameters with what an optimiser remembers of them. */
import type { ParamStore } from "../../model/index.ts";
import type { Optimiser, Slots, Updated } from "../../optim/index.ts";
import {
  cast,
  constant,
  fold,
  input,
  type Key,
  minimum,
  sqrt,
  square,
  sum,
  type Tensor,
} from "../../tensor/internal.ts";

/** One update rule for all parameters, or one for each by its name. */
export type OptimiserOf = Optimiser | ((param: string) => Optimiser);

/** A parameter and its slots, before or after some updates. */
export type Place = Updated;

/** The parameters of a store as they are trained; lists are in the order of the store. */
export interface Optimisation {
  /** The inputs that hold parameters and slots. */
  readonly inputs: readonly Place[];
  /** Their values before the first step, by name. */
  readonly initial: Readonly<Record<string, Tensor>>;
  /**
   * One update of all parameters, which are at `places`. `gradients` are those of the loss; `count` is a float32 scalar,
   * 1 at the first update.
   */
  step(places: readonly Place[], gradients: readonly Tensor[], count: Tensor): readonly Place[];
  /** `[input, its value]` for parameters and slots at `places`. */
  updates(places: readonly Place[]): readonly (readonly [Tensor, Tensor])[];
}

/** The name of a parameter's learning-rate scale in the state of training; it is there only where one was given. */
export function learningRateScaleOf(param: string): string {
  return `${param}#learningRateScale`;
}

/** The parameters of `store`, initialised under `runKey`, and how `optimiser` moves them. */
export function optimisation(store: ParamStore, optimiser: OptimiserOf, runKey: Key): Optimisation {
  const initial: Record<string, Tensor> = {};
  const params = store.list().map(({ name, axes, dtype, init, learningRateScale, value }) => {
    const rule = typeof optimiser === "function" ? optimiser(name) : optimiser;
    const slotName = (slot: string) => `${name}#${slot}`;
    const slots: Slots = Object.fromEntries(
      rule.slots.map((slot) => [slot, input(slotName(slot), axes, dtype)]),
    );
    const start = init(fold(fold(runKey, name), "init"), axes, dtype);
    initial[name] = start;
    if (learningRateScale !== undefined) initial[learningRateScaleOf(name)] = learningRateScale;
    for (const [slot, first] of Object.entries(rule.init(start))) initial[slotName(slot)] = first;
    const scale = learningRateScale && input(learningRateScaleOf(name), axes, dtype);
    return { rule, scale, input: { param: value, slots } };
  });
  return {
    inputs: params.map(({ input: place }) => place),
    initial,
    step: (places, gradients, count) => {
      const norm = normOf(params, gradients);
      return params.map(({ rule, scale }, i) => {
        const { param, slots } = places[i];
        const update = (x: Tensor, g: Tensor) =>
          rule.update(x, scaledDown(g, norm, rule.mostNorm), slots, count);
        return preconditioned(scale, update, param, gradients[i]);
      });
    },
    updates: (places) =>
      params.flatMap(({ rule, input: own }, i) => [
        [own.param, places[i].param] as const,
        ...rule.slots.map((slot) => [own.slots[slot], places[i].slots[slot]] as const),
      ]),
  };
}

/** The Euclidean norm of all gradients, in units of the learning-rate scales: a float64 scalar. */
function normOf(
  params: readonly { readonly scale: Tensor | undefined; readonly input: Place }[],
  gradients: readonly Tensor[],
): Tensor {
  const squares = params.map(({ scale, input: { param } }, i) => {
    const own = scale === undefined ? gradients[i] : gradients[i].mul(scale);
    const size = param.axes.reduce((n, a) => (own.has(a) ? n : n * a.size), 1);
    const total = own.axes.length === 0 ? square(own) : sum(square(own));
    return cast(total, "float64").mul(size);
  });
  return sqrt(squares.reduce((a, b) => a.add(b), constant(0, "float64")));
}

/** A gradient in a list of a norm that may be at most so large. */
function scaledDown(gradient: Tensor, norm: Tensor, most: number | undefined): Tensor {
  if (most === undefined) return gradient;
  const share = minimum(constant(most, "float64").div(norm), 1);
  return gradient.mul(cast(share, gradient.dtype));
}

/** An update of a parameter divided by its learning-rate scale: a diagonal preconditioner. */
function preconditioned(
  scale: Tensor | undefined,
  update: (param: Tensor, gradient: Tensor) => Updated,
  param: Tensor,
  gradient: Tensor,
): Updated {
  if (scale === undefined) return update(param, gradient);
  const { param: next, slots } = update(param.div(scale), gradient.mul(scale));
  return { param: next.mul(scale), slots };
}
