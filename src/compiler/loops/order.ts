/** The order of loops: which axis is outermost, which is vectorised, which loops are really one. */
import { type Axis, sameAxes, sizeOf } from "../../tensor/internal.ts";
import type { IndexExpr } from "./expressions.ts";
import type { Address, AffineTerm, Count, Variable } from "./loops.ts";
import type { NestLoop } from "./nest.ts";

/** The axis orders of a buffer that is read or written in the loops. */
export type Layout = readonly Axis[];

/** The loops of a nest: their axes, and which of them is vectorised. */
export interface Order {
  /** Outermost first. */
  readonly axes: readonly Axis[];
  /** The vectorised one, if any. */
  readonly vector: Axis | undefined;
}

/** With more elements than this summed per result, results are kept in memory between blocks of them. */
const DEEP = 512;

/**
 * Chooses the order of loops over `space`. `writes` and `reads` are the layouts met; `over` lists for
 * each result the axes it is summed over.
 */
export function loopOrder(
  space: readonly Axis[],
  over: readonly (readonly Axis[])[],
  writes: readonly Layout[],
  reads: readonly Layout[],
): Order {
  const bySize = (layouts: readonly Layout[]) => [...layouts].sort((a, b) => sizeOf(b) - sizeOf(a));
  const seen = [...bySize(writes), ...bySize(reads), space].flat();
  const axes = [...new Set(seen)].filter((a) => space.includes(a));
  const vector = bestVector(axes, writes, reads);
  if (vector === undefined) return { axes, vector };
  const rest = axes.filter((a) => a !== vector);
  const isSummed = (a: Axis) => over.some((list) => list.includes(a));
  const outer = rest.filter((a) => !isSummed(a));
  const summed = rest.filter(isSummed);
  const alike = over.every((list) => sameAxes(list, over[0]));
  const inLanes = alike && !isSummed(vector) && sizeOf(summed) <= DEEP;
  const inner = inLanes ? [vector, ...summed] : [...summed, vector];
  return { axes: [...outer, ...inner], vector };
}

/** The axis along which most memory is walked element by element. */
function bestVector(
  axes: readonly Axis[],
  writes: readonly Layout[],
  reads: readonly Layout[],
): Axis | undefined {
  let best: Axis | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const a of axes) {
    let score = Math.min(a.size, 4) / 100;
    for (const [layouts, weight] of [
      [writes, 1.5],
      [reads, 1],
    ] as const) {
      for (const layout of layouts) {
        if (layout.at(-1) === a) score += weight;
        else if (layout.includes(a)) score -= weight / 2;
      }
    }
    if (score > bestScore) [best, bestScore] = [a, score];
  }
  return best;
}

/**
 * Loops that walk memory as one loop would become one. Two neighbours can if in every address a step
 * of the outer is as far as the whole inner loop, and no counter is used on its own. Changes the
 * addresses' terms; `mayMerge` says whether two counters are summed over alike.
 */
export function mergeLoops(
  loops: readonly NestLoop[],
  addresses: readonly Address[],
  places: readonly IndexExpr[],
  mayMerge: (outer: Variable, inner: Variable) => boolean,
): NestLoop[] {
  const merged = [...loops];
  for (let i = merged.length - 2; i >= 0; i--) {
    const [outer, inner] = [merged[i], merged[i + 1]];
    const rounds = inner.to;
    if (typeof rounds !== "number" || outer.step !== 1 || outer.lanes !== 1) continue;
    const used = (v: Variable) => places.some((p) => factor(p.terms, v) !== 0);
    const fits = (terms: readonly AffineTerm[]) =>
      factor(terms, outer.variable) === factor(terms, inner.variable) * rounds;
    if (used(outer.variable) || used(inner.variable)) continue;
    if (!mayMerge(outer.variable, inner.variable)) continue;
    if (!addresses.every((a) => fits(a.terms) && (!a.panel || fits(a.panel.terms)))) continue;
    for (const a of addresses) {
      a.terms = a.terms.filter((t) => t.variable !== outer.variable);
      if (a.panel) a.panel.terms = a.panel.terms.filter((t) => t.variable !== outer.variable);
    }
    merged.splice(i, 2, { ...inner, to: times(outer.to, rounds) });
  }
  return merged;
}

function times(count: Count, n: number): Count {
  if (typeof count === "number") return count * n;
  if ("times" in count) return { ...count, times: count.times * n };
  throw new Error("loops are not merged over rounds that move with a counter");
}

/** How far an address moves, in elements, as `variable` grows by 1. */
export function factor(terms: readonly AffineTerm[], variable: Variable): number {
  return terms.reduce((sum, t) => sum + (t.variable === variable ? t.factor : 0), 0);
}
