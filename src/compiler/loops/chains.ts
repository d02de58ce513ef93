/**
 * Long sums of float32 numbers, in blocks. A register adds up a block in float32, lane by lane; the sums of
 * blocks are added up in float64. So rounding grows with the length of a block, not with that of the sum
 * (Higham, "The accuracy of floating point summation", 1993), and most additions stay as they are.
 */
import type { Axis } from "../../tensor/index.ts";
import type { Scalar } from "../scalar/language.ts";
import type { IndexExpr } from "./expressions.ts";
import type { Address, AffineTerm, Count, Variable } from "./loops.ts";
import type { NestLoop } from "./nest.ts";
import { factor } from "./order.ts";

/** What splitting a loop changes: addresses and places, and the axes that counters are for. */
export interface Counters {
  /** The addresses read and written in the loop. */
  readonly addresses: readonly Address[];
  /** The positions used as values in the loop. */
  readonly places: readonly IndexExpr[];
  /** The axis of each counter. */
  readonly axisOf: Map<Variable, Axis>;
}

type Sums = (loop: NestLoop) => boolean;

/** The loops, split where a register would collect more than `chain` numbers one after the other. */
export function inShortChains(
  loops: readonly NestLoop[],
  sums: readonly Sums[],
  chain: number,
  counters: Counters,
): readonly NestLoop[] {
  const half = Math.floor(chain / 2);
  let split = loops;
  for (const isSummed of sums) {
    const level = split.findLastIndex((loop) => !isSummed(loop)) + 1;
    const i = longLoop(split, level, chain);
    if (i === undefined) continue;
    const inner = split.slice(i + 1).reduce((n, loop) => n * rounds(loop), 1);
    const block = Math.max(1, Math.floor(half / inner)) * split[i].step;
    // Blocks of one round are there already: by an earlier sum, whose blocks count from this loop's counter.
    if (block > split[i].step) split = inBlocks(split, i, block, counters);
  }
  return split;
}

/**
 * The loops, where the innermost is kept by all results and the one around it is summed by all: a block of
 * the summed one goes inside, so that results are in registers meanwhile. Not if something is computed for
 * each round of the summed one, for it would be computed again.
 */
export function inRegisters(
  loops: readonly NestLoop[],
  sums: readonly Sums[],
  chain: number,
  scalars: readonly Scalar[],
  counters: Counters,
): readonly NestLoop[] {
  const [outer, inner] = loops.slice(-2);
  const block = Math.floor(chain / 2);
  if (inner === undefined || sums.length === 0 || rounds(outer) <= block) return loops;
  if (!sums.every((isSummed) => isSummed(outer) && !isSummed(inner))) return loops;
  const uses = usesOf(outer.variable);
  const moves = usesOf(inner.variable);
  const again = scalars.some((x) => x.args.length > 0 && x.op !== "load" && uses(x) && !moves(x));
  if (again) return loops;
  const split = inBlocks(loops, loops.length - 2, block * outer.step, counters);
  const [part, kept] = split.slice(-2);
  return [...split.slice(0, -2), kept, part];
}

/** The level from which on no more than `chain` numbers are collected one after the other. */
export function chainLevel(loops: readonly NestLoop[], level: number, chain: number): number {
  const long = longLoop(loops, level, chain);
  return long === undefined ? level : long + 1;
}

/** The loop of those from `level` on with which chains become longer than `chain`. */
function longLoop(loops: readonly NestLoop[], level: number, chain: number): number | undefined {
  let length = 1;
  for (let i = loops.length - 1; i >= level; i--) {
    length *= rounds(loops[i]);
    if (length > chain) return i;
  }
  return undefined;
}

function rounds({ to, step }: NestLoop): number {
  return Math.ceil(most(to) / step);
}

/** The most rounds, element by element, that a count can stand for. */
export function most(count: Count): number {
  if (typeof count === "number") return count;
  if ("terms" in count) throw new Error("no sum is split whose rounds move with a counter");
  return count.times * Math.min(count.block, most(count.total));
}

/** The loops with number `i` as two: over blocks of `block` elements, and inside a block. */
function inBlocks(
  loops: readonly NestLoop[],
  i: number,
  block: number,
  { addresses, places, axisOf }: Counters,
): NestLoop[] {
  const { variable, to } = loops[i];
  const start = { variable: { name: `${variable.name} block` }, factor: 1 };
  const moved = (terms: readonly AffineTerm[]) => [
    ...terms,
    { variable: start.variable, factor: factor(terms, variable) },
  ];
  for (const a of addresses) {
    a.terms = moved(a.terms);
    if (a.panel) a.panel.terms = moved(a.panel.terms);
  }
  for (const place of places) place.terms = moved(place.terms);
  axisOf.set(start.variable, axisOf.get(variable) as Axis);
  const even = typeof to === "number" && to % block === 0;
  const part = even ? block : { total: to, start, block, times: 1 };
  return [
    ...loops.slice(0, i),
    { variable: start.variable, to, step: block, lanes: 1 },
    { ...loops[i], to: part },
    ...loops.slice(i + 1),
  ];
}

/** Whether a value depends on a counter. */
function usesOf(variable: Variable): (x: Scalar) => boolean {
  const known = new Map<Scalar, boolean>();
  const uses = (x: Scalar): boolean => {
    let found = known.get(x);
    if (found === undefined) {
      const leaf = x.leaf as { readonly terms?: readonly AffineTerm[] } | undefined;
      found = factor(leaf?.terms ?? [], variable) !== 0 || x.args.some(uses);
      known.set(x, found);
    }
    return found;
  };
  return uses;
}
