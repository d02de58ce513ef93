import type { Axis, Tensor } from "../../src/tensor/index.ts";
import { type Inputs, values } from "../distributions/values.ts";

/** The value of one element of a tensor, given its place on each of its axes. */
export type Element = (...places: readonly (readonly [Axis, number])[]) => number;

/** The elements of `x`, whatever the order of its axes; places on axes that it lacks do not matter. */
export function elements(x: Tensor, inputs: Inputs = {}): Element {
  const flat = values(x, inputs);
  return (...places) => {
    const place = (a: Axis) => {
      const found = places.find(([b]) => b === a);
      if (found === undefined) throw new Error(`no place on axis ${a}`);
      return found[1];
    };
    return flat[x.axes.reduce((i, a) => i * a.size + place(a), 0)];
  };
}

/** 0, 1, ..., n - 1. */
export const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Pearson's statistic of counts that are all expected to be equal: mean n - 1, variance 2 (n - 1). */
export function chiSquare(counts: readonly number[], expected?: readonly number[]): number {
  const total = counts.reduce((a, b) => a + b);
  return counts.reduce((sum, n, i) => {
    const e = expected?.[i] ?? total / counts.length;
    return sum + (n - e) ** 2 / e;
  }, 0);
}
