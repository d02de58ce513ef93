/** What a one-step method for differential equations is. */
import type { Tensor } from "../tensor.ts";

/** dy/dt, component by component, at y and t. */
export type Rates = (y: readonly Tensor[], t: Tensor) => readonly Tensor[];

/** A one-step method with an estimate of its error. */
export interface Method {
  /** The error of a step falls as its length to this power. */
  readonly order: number;
  /** From y at t to t + h: what y becomes, and how far that may be off. All float64. */
  step(
    rates: Rates,
    y: readonly Tensor[],
    t: Tensor,
    h: Tensor,
  ): { readonly next: readonly Tensor[]; readonly error: readonly Tensor[] };
}

/** start + h times the sum over stages s of weights[s] stages[s][k], without what is 0. */
export function combined(
  start: Tensor | undefined,
  weights: readonly number[],
  stages: readonly (readonly Tensor[])[],
  k: number,
  h?: Tensor,
): Tensor {
  const terms = weights.flatMap((w, s) => (w === 0 ? [] : [stages[s][k].mul(w)]));
  if (terms.length === 0) return start as Tensor;
  const total = terms.reduce((a, b) => a.add(b));
  const moved = h === undefined ? total : total.mul(h);
  return start === undefined ? moved : start.add(moved);
}
