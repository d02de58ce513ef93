/**
 * Cutting a loop nest into tasks for threads. Tasks follow from shapes alone, never from the number of
 * threads, so that results have the same bits for any number of them.
 */
import type { DType } from "../../tensor/index.ts";
import { type Buffer, buffer } from "../buffer.ts";
import { ScalarBuilder, type ScalarType } from "../scalar/language.ts";
import { type IndexExpr, laneType } from "./expressions.ts";
import type { AffineTerm, Target, Variable } from "./loops.ts";
import {
  type Accumulator,
  type Address,
  type Combine,
  lanesOf,
  neutral,
  type Statement,
} from "./loops.ts";
import { Nest, type NestLoop } from "./nest.ts";
import { factor } from "./order.ts";

/** More tasks than this help no machine. */
const MAX_TASKS = 64;

/** Results of a sum that is cut are kept once for each task: not more numbers than this in all. */
const MOST_PARTIALS = 2 ** 20;

/** Vector loops are cut at multiples of so many elements. */
export const ALIGNED = 64;

/** A loop whose rounds are shared out, `size` at a time. */
export interface Partition {
  /** The loop that is divided. */
  readonly loop: NestLoop;
  /** Rounds of a task. */
  readonly size: number;
  /** How many tasks there are. */
  readonly tasks: number;
  /** The number of the task. */
  readonly index: Variable;
}

/** What is known of a loop when it may be cut. */
export interface Candidate {
  /** The loop. */
  readonly loop: NestLoop;
  /** Whether every result keeps the loop's axis: then tasks write to different places. */
  readonly kept: boolean;
  /** How many numbers each task has to keep for itself if the loop is cut. */
  readonly partials: number;
}

/** Into how many tasks work of so many operations is worth cutting. */
export function tasksFor(work: number, target: Target): number {
  return Math.min(MAX_TASKS, Math.floor(work / target.minTaskWork));
}

/**
 * The loop to cut where `work` operations are done: the outermost that every result keeps if it has
 * rounds enough, else the one with the most; undefined if the work is small or no loop can be cut.
 */
export function choosePartition(
  candidates: readonly Candidate[],
  work: number,
  target: Target,
): Partition | undefined {
  const tasks = tasksFor(work, target);
  if (tasks < 2) return undefined;
  let best: Partition | undefined;
  let bestTasks = 1;
  for (const { loop, kept, partials } of candidates) {
    if (typeof loop.to !== "number") continue;
    const wanted = kept ? tasks : Math.min(tasks, Math.floor(MOST_PARTIALS / partials));
    if (wanted < 2) continue;
    const cut = into(loop, loop.to, wanted);
    const enough = kept ? cut.tasks > bestTasks && bestTasks < 8 : cut.tasks > 2 * bestTasks;
    if (enough) [best, bestTasks] = [cut, cut.tasks];
  }
  return best;
}

function into(loop: NestLoop, rounds: number, tasks: number): Partition {
  const unit = loop.lanes > 1 ? ALIGNED : 1;
  const size = Math.ceil(rounds / tasks / unit) * unit;
  return { loop, size, tasks: Math.ceil(rounds / size), index: { name: "task" } };
}

/** `loops` with the rounds of one task only; changes the terms of `addresses` and `places`. */
export function splitLoop(
  loops: readonly NestLoop[],
  { loop, size, index }: Partition,
  addresses: readonly Address[],
  places: readonly IndexExpr[],
): NestLoop[] {
  const moved = (terms: readonly AffineTerm[]) => [
    ...terms,
    { variable: index, factor: size * factor(terms, loop.variable) },
  ];
  for (const a of addresses) {
    a.terms = moved(a.terms);
    if (a.panel) a.panel.terms = moved(a.panel.terms);
  }
  for (const place of places) place.terms = moved(place.terms);
  const total = loop.to as number;
  const start = { variable: index, factor: size };
  const to = total % size === 0 ? size : { total, start, block: size, times: 1 };
  return loops.map((other) => (other === loop ? { ...loop, to } : other));
}

/**
 * A buffer of `dtype` with one copy of the target for each task, and the place of the copy of one task;
 * with a single copy where there are no tasks.
 */
export function partialsOf(
  address: Address,
  dtype: DType,
  parallel?: { readonly tasks: number; readonly index: Variable },
): { readonly partials: Buffer; readonly address: Address; readonly at: AffineTerm | undefined } {
  const { buffer: target } = address;
  const name = `parts of ${target.name}`;
  const partials = buffer(name, "temporary", dtype, [], (parallel?.tasks ?? 1) * target.length);
  const at = parallel && { variable: parallel.index, factor: target.length };
  const terms = at === undefined ? address.terms : [...address.terms, at];
  return { partials, at, address: { ...address, buffer: partials, terms } };
}

/** Combines the results of the tasks, in the order of the tasks; sums of float32 in float64. */
export function combineParts(
  partials: Buffer,
  to: Buffer,
  combine: Combine,
  type: ScalarType,
  target: Target,
): Statement[] {
  const kept = laneType(partials.dtype);
  const lanes = lanesOf(kept, target);
  const element = { name: "element" };
  const task = { name: "task" };
  const tasks = partials.length / to.length;
  const along: NestLoop[] = [{ variable: element, to: to.length, step: lanes, lanes }];
  const outer = to.length === 1 ? [] : along;
  const nest = new Nest([...outer, { variable: task, to: tasks, step: 1, lanes: 1 }]);
  const builder = new ScalarBuilder();
  const here = to.length === 1 ? [] : [{ variable: element, factor: 1 }];
  const from: Address = {
    buffer: partials,
    terms: [...here, { variable: task, factor: to.length }],
    positions: [],
  };
  const wide = combine === "sum" && kept === "f32";
  const accumulator: Accumulator = { type: kept, combine, lanes: 1, wide };
  const reduced = builder.leaf("reduced", kept, accumulator);
  nest.collect(
    outer.length,
    outer.length + 1,
    builder.leaf("load", kept, from),
    accumulator,
    reduced,
  );
  const address = { buffer: to, terms: here, positions: [] };
  nest.storeAt(outer.length, address, builder.convert(reduced, type), undefined);
  return nest.statements();
}

/** Sets a buffer, or one task's part of it, to what a reduction starts from. */
export function fillOf(b: Buffer, combine: Combine, at?: AffineTerm): Statement {
  const length = at?.factor ?? b.length;
  const value = neutral(combine, laneType(b.dtype));
  return { kind: "fill", buffer: b, at: at ? [at] : [], length, value };
}
