/** Where a step of a chain stands, and the states that steps hand on. */
import { type Axis, constant, gatherClamped, index, Tensor } from "../../tensor/internal.ts";

/** What a step of a chain hands to the next: a tensor, or several by name. */
export type State = Tensor | Readonly<Record<string, Tensor>>;

/** The tensors of a state by name. */
export type Parts = Readonly<Record<string, Tensor>>;

/** The tensors of a state by name. */
export function partsOf(state: State): Parts {
  return state instanceof Tensor ? { state } : state;
}

/** The state whose tensors are `f` of those of `state`. */
export function mapState<S extends State>(state: S, f: (x: Tensor, name: string) => Tensor): S {
  if (state instanceof Tensor) return f(state, "state") as S;
  return Object.fromEntries(Object.entries(state).map(([name, x]) => [name, f(x, name)])) as S;
}

/** Where a step stands. Seen over all steps at once, it varies along the axis. */
export interface ChainStep {
  /** The axis of the chain, one element for each step. */
  readonly axis: Axis;
  /** The place along the axis, int32. */
  readonly position: Tensor;
  /** 1 at the first step, else 0: uint8. */
  readonly first: Tensor;
  /** The element of `x` that belongs to the step; `x` itself if it does not vary along the axis. */
  at(x: Tensor): Tensor;
}

/** The step at an int32 position. */
export function stepAt(axis: Axis, position: Tensor | number): ChainStep {
  const here = typeof position === "number" ? constant(position, "int32") : position;
  const at = (x: Tensor) => (x.has(axis) ? gatherClamped(x, axis, here) : x);
  return { axis, position: here, first: here.eq(0), at };
}

/** All steps, side by side along the axis. */
export function allSteps(axis: Axis): ChainStep {
  const position = index(axis);
  return { axis, position, first: position.eq(0), at: (x) => x };
}
