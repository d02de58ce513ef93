/** One call of the step of a chain: its statements, as expressions of placeholders. */
import type { Distribution } from "../../distributions/index.ts";
import {
  type Axis,
  carry,
  maximum,
  minimum,
  Substitution,
  type Tensor,
} from "../../tensor/internal.ts";
import { type Deterministic, ownAxes, type ParamSite, type Plate } from "../sites.ts";
import { type ChainStep, mapState, type Parts, partsOf, type State, stepAt } from "./step.ts";

/** A `sample` statement, and what stands for its value. */
export interface Sampled {
  /** A `sample` statement. */
  readonly kind: "sample";
  /** The name of the site. */
  readonly name: string;
  /** Given the placeholders. */
  readonly distribution: Distribution;
  /** The plates it stands in, outermost first. */
  readonly plates: readonly Plate[];
  /** The placeholder of its value. */
  readonly value: Tensor;
  /** Where a search begins, if the model says so. */
  readonly init?: Tensor;
}

/** An `observe` or `factor` statement. */
export interface Observing {
  /** What has a density and is not inferred. */
  readonly kind: "observe";
  /** What it is called in messages. */
  readonly word: "observe" | "factor";
  /** The name of the site. */
  readonly name: string;
  /** Given the placeholders. */
  readonly distribution: Distribution;
  /** The plates it stands in, outermost first. */
  readonly plates: readonly Plate[];
  /** What was observed. */
  readonly value: Tensor;
}

/** What a step states, in the order in which it does. */
export type StepStatement = Sampled | Observing | Deterministic | ParamSite;

/** What one call of a chain's step stated, with placeholders for what it was given. */
export interface Tape {
  /** In order. */
  readonly statements: readonly StepStatement[];
  /** The state that the step returns. */
  readonly state: State;
  /** What stands for the state before. */
  readonly previous: Parts;
  /** All that stands for something else. */
  readonly placeholders: readonly Tensor[];
  /** Puts the values of one step, or of all, in the place of what stands for it; those of samples are set later. */
  readAt(step: ChainStep): Substitution;
}

/** Calls `body`, whose statements go into the list that it is given, with a state before over `axes`. */
export function tapeOf<S extends State>(
  along: Axis,
  initial: S,
  axes: Readonly<Record<string, readonly Axis[]>>,
  body: (previous: S, step: ChainStep) => { statements: readonly StepStatement[]; state: S },
): Tape {
  const position = within(carry([], "int32"), along.size);
  const here = stepAt(along, position);
  const wholes = new Map<Tensor, Tensor>();
  const at = (x: Tensor) => {
    const element = here.at(x);
    if (element !== x) wholes.set(element, x);
    return element;
  };
  const previous = mapState(initial, (x, name) => carry(axes[name], x.dtype));
  const { statements, state } = body(previous, { ...here, at });
  const samples = statements.flatMap((x) => (x.kind === "sample" ? [x.value] : []));
  return {
    statements,
    state,
    previous: partsOf(previous),
    placeholders: [position, ...Object.values(partsOf(previous)), ...samples],
    readAt(step) {
      const isAll = step.position.has(along);
      const isFirst = step.position.op === "constant";
      // What it takes at the place before the first, a step need not use there: that is known as it runs.
      const at = isFirst ? within(step.position, along.size) : step.position;
      const others = [[position, at] as const, [here.first, step.first] as const];
      return new Substitution(others, isAll ? wholes : new Map());
    },
  };
}

/** A `sample` statement of a step, with a placeholder over the axes of one draw. */
export function sampledAlong(
  along: Axis,
  name: string,
  distribution: Distribution,
  plates: readonly Plate[],
  init?: Tensor,
): Sampled {
  const axes = ownAxes(plates, distribution).filter((a) => a !== along);
  const { support, dtype } = distribution;
  const size = support.kind === "index" ? support.axis.size : support.kind === "binary" ? 2 : 0;
  const value = size > 0 ? within(carry(axes, dtype), size) : carry(axes, dtype);
  return { kind: "sample", name, distribution, plates, value, ...(init && { init }) };
}

/** Whole numbers of which it can be seen that they are among the first `size`. */
function within(x: Tensor, size: number): Tensor {
  return minimum(maximum(x, 0), size - 1);
}
