/** Fitting in one call: from a model and a guide to trained parameters. */
import { parameters } from "../model/index.ts";
import type { Optimiser } from "../optim/index.ts";
import { compile, type Program, type Values } from "../runtime/index.ts";
import { type Axis, allocate, SurmiseError, sizeOf, type TypedArray } from "../tensor/index.ts";
import { Suspect } from "./process/faults.ts";
import { type Objective, type Training, training } from "./process/training.ts";
import { type BoundOptions, bound } from "./target/objective.ts";

/** Compiles a training step and puts its state at the beginning. */
export function begin(step: Training): Program {
  const program = compile({ outputs: step.outputs, updates: step.updates });
  const initial = compile({ outputs: step.initial }, { once: true }).run();
  for (const [name, values] of Object.entries(initial)) {
    const place = program.inputs.get(name);
    if (place !== undefined) program.write(name, spread(values, place.axes));
  }
  return program;
}

/** `values` over `axes`: repeated along those that they lack. */
export function spread({ axes: own, dtype, data }: Values, axes: readonly Axis[]): TypedArray {
  const inOrder = own.length === axes.length && own.every((a, i) => a === axes[i]);
  if (inOrder) return data;
  const result = allocate(dtype, sizeOf(axes));
  if (own.length === 0) return result.fill(data[0]);
  const strides = axes.map((a) => (own.includes(a) ? sizeOf(own.slice(own.indexOf(a) + 1)) : 0));
  for (let i = 0; i < result.length; i++) {
    let rest = i;
    let from = 0;
    for (let k = axes.length - 1; k >= 0; k--) {
      const at = rest % axes[k].size;
      rest = (rest - at) / axes[k].size;
      from += at * strides[k];
    }
    result[i] = data[from];
  }
  return result;
}

/** What `bound` is given, and how to make it larger. */
export interface FitOptions<Data> extends Omit<BoundOptions<Data>, "key" | "parameters"> {
  /** What is made larger; `bound` unless given. */
  readonly target?: (options: BoundOptions<Data>) => ReturnType<Objective>;
  readonly optimiser: Optimiser;
  readonly steps: number;
  /** Everything random follows from it; 0 unless given. */
  readonly seed?: number;
  /** How many values `bounds` holds at most; 100 unless given. */
  readonly records?: number;
}

export interface Fit {
  /** The trained parameters by name, each over its axes. */
  readonly parameters: Readonly<Record<string, Values>>;
  /** The mean bound over each of some stretches of steps of equal length. */
  readonly bounds: readonly { readonly step: number; readonly bound: number }[];
}

/**
 * Makes the bound of `model` under `guide`, or another target, larger for some steps, all inside one
 * compiled program. Blocks until it is done; the command line and long runs use the same step in
 * pieces.
 *
 * @throws SurmiseError if model and guide do not fit together, or, naming the site, the bound is not finite.
 */
export function fit<Data>(options: FitOptions<Data>): Fit {
  const { target = bound, optimiser, steps, seed = 0, records = 100, ...choices } = options;
  const store = parameters();
  const objective: Objective = (_, key) => target({ ...choices, key, parameters: store });
  const made = training({ objective, parameters: store, optimiser, seed });
  const program = begin(made);
  const stretch = Math.max(1, Math.floor(steps / records));
  const bounds: { step: number; bound: number }[] = [];
  for (let step = 0; step < steps; step += stretch) {
    const count = Math.min(stretch, steps - step);
    program.write("#boundTotal", 0);
    program.run({ steps: count });
    const mean = program.read("#boundTotal").data[0] / count;
    if (!Number.isFinite(mean)) throw new SurmiseError(faultOf(made, step, step + count));
    bounds.push({ step: step + count, bound: mean });
  }
  const trained = store.list().map(({ name }) => [name, program.read(name)] as const);
  return { parameters: Object.fromEntries(trained), bounds };
}

/** What went wrong after `from` steps, and before `to` of them. The run is made again to find it. */
function faultOf(step: Training, from: number, to: number): string {
  const suspect = new Suspect(step);
  const program = begin(suspect.training);
  program.run({ steps: from });
  for (let at = from + 1; at <= to; at++) {
    const fault = suspect.step(program, at);
    if (fault !== undefined) return fault;
  }
  return suspect.nothing(from, to);
}
