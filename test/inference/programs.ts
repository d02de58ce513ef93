/** Runs the programs of training and evaluation by the oracle, step by step. */
import { type Evaluated, evaluate } from "../../src/compiler/oracle/index.ts";
import {
  allocate,
  seedInputs,
  sizeOf,
  type Tensor,
  type TypedArray,
} from "../../src/tensor/internal.ts";

interface Steps {
  /** Of an evaluation; an algorithm has metrics. */
  readonly outputs?: Readonly<Record<string, Tensor>>;
  readonly metrics?: Readonly<Record<string, Tensor>>;
  readonly updates: readonly (readonly [Tensor, Tensor])[];
  readonly initial: Readonly<Record<string, Tensor>>;
  readonly seed?: number;
}

export type State = Map<string, TypedArray>;

/** What the inputs of a program hold before its first step. */
export function start({ updates, initial, seed }: Steps): State {
  const words = seed === undefined ? [] : Object.entries(seedInputs(seed));
  const state: State = new Map(words.map(([name, word]) => [name, Int32Array.of(word)]));
  const first = updates.map(
    ([to]) => [nameOf(to), fill(to, run([initial[nameOf(to)]], state)[0])] as const,
  );
  return new Map([...state, ...first]);
}

/** The values of the outputs before each of `count` steps from `state`, which is moved on. */
export function steps(
  program: Omit<Steps, "initial">,
  state: State,
  count: number,
): Record<string, Float64Array>[] {
  const outputs = { ...program.outputs, ...program.metrics };
  const names = Object.keys(outputs);
  const roots = [...Object.values(outputs), ...program.updates.map(([, next]) => next)];
  return Array.from({ length: count }, () => {
    const found = run(roots, state);
    program.updates.forEach(([to], i) => {
      state.set(nameOf(to), fill(to, found[names.length + i]));
    });
    return Object.fromEntries(names.map((name, i) => [name, found[i].values]));
  });
}

function run(roots: readonly Tensor[], state: State = new Map()): Evaluated[] {
  return evaluate(roots, state);
}

function nameOf({ operation }: Tensor): string {
  if (operation.op !== "input") throw new Error(`${operation.op} is not an input`);
  return operation.name;
}

/** The values laid out over the axes of an input, repeated along those that they lack. */
function fill(to: Tensor, { axes, values }: Evaluated): TypedArray {
  const data = allocate(to.dtype, sizeOf(to.axes));
  const strides = axes.map((_, i) => sizeOf(axes.slice(i + 1)));
  for (let i = 0; i < data.length; i++) {
    let rest = i;
    let at = 0;
    for (const a of [...to.axes].reverse()) {
      const place = axes.indexOf(a);
      if (place >= 0) at += (rest % a.size) * strides[place];
      rest = Math.floor(rest / a.size);
    }
    data[i] = values[at];
  }
  return data;
}
