/** What is under test: a printer, and graphs as its programs. */
import { type Plan, plan, type Tap } from "../../src/compiler/index.ts";
import type { Program, Values } from "../../src/runtime/index.ts";
import { type Axis, sizeOf, type Tensor, type TypedArray } from "../../src/tensor/index.ts";
import type { Graph } from "./graphs.ts";

/** Outputs in the last step, then updated inputs after it, each row-major over the axes of its tensor. */
export type Results = readonly TypedArray[];

/** @throws Error if a program fails, or if its results are not the same on any number of threads. */
export type Run = (graph: Graph) => Results;

export interface Subject {
  readonly name: string;
  /** Makes programs of `graphs` at a time; what it returns runs these. */
  prepare(graphs: readonly Graph[]): Promise<Run>;
}

/** Pieces of work that was shared out, and how many of them threads other than the caller did. */
export interface Pieces {
  all: number;
  helped: number;
}

/** Every program runs on as many threads. */
export const THREADS = [1, 2, 4];

/** So many times on several threads: from the second time on they are awake. */
export const ROUNDS = 3;

export function planOf({ outputs, updates, varying, grain, chain }: Graph, tap: Tap): Plan {
  const roots = {
    varying,
    outputs: outputs.map((value, k) => ({ name: `y${k}`, value })),
    updates: updates.map(([input, value]) => ({ input, value })),
  };
  return plan(roots, { grain, chain, tap });
}

export const unchanged: Tap = (_, result) => result;

/** Steps from the first to the last. */
export function stepsOf({ steps, rewritten }: Graph): number {
  return rewritten.size > 0 ? 2 * steps : steps;
}

/** Sets the inputs of a graph's program and runs it, and again where some of them are written again. */
export function execute(program: Program, graph: Graph): Results {
  const { outputs, updates, inputs, rewritten, steps } = graph;
  const run = (values: Graph["inputs"]) => {
    const known = [...values].filter(([name]) => program.inputs.has(name));
    return program.run({ steps, inputs: Object.fromEntries(known) });
  };
  const first = run(inputs);
  const results = rewritten.size > 0 ? run(rewritten) : first;
  return [
    ...outputs.map((x, k) => inOrder(results[`y${k}`], x.axes)),
    ...updates.map(([state]) => inOrder(program.read(nameOf(state)), state.axes)),
  ];
}

function nameOf({ operation }: Tensor): string {
  return operation.op === "input" ? operation.name : "";
}

/** The values row-major over `axes`. */
function inOrder({ axes: order, data }: Values, axes: readonly Axis[]): TypedArray {
  if (order.every((a, k) => a === axes[k])) return data;
  return data.map((_, i) => {
    let rest = i;
    let from = 0;
    for (const a of [...axes].reverse()) {
      const at = rest % a.size;
      rest = (rest - at) / a.size;
      from += at * sizeOf(order.slice(order.indexOf(a) + 1));
    }
    return data[from];
  });
}

/**
 * The first of several results, if all are the same.
 *
 * @throws Error if two differ in a bit, other than those of a NaN.
 */
export function sameBits(all: Iterable<readonly [threads: number, results: Results]>): Results {
  let first: Results | undefined;
  for (const [threads, results] of all) {
    first ??= results;
    results.forEach((values, k) => {
      const before = (first as Results)[k];
      const at = values.findIndex((x, i) => !Object.is(x, before[i]));
      if (at < 0) return;
      const [here, there] = [values[at], before[at]];
      throw new Error(`result ${k}, element ${at}: ${here} on ${threads} threads, not ${there}`);
    });
  }
  return first ?? [];
}
