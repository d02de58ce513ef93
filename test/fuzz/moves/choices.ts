/** What moves choose from. */
import {
  type Axis,
  abs,
  exp,
  expm1,
  maximum,
  select,
  sigmoid,
  softplus,
  square,
  type Tensor,
  tanh,
} from "../../../src/tensor/internal.ts";
import type { Builder } from "../graphs.ts";

export type Move = (b: Builder, p: number, q: number, r: number) => void;

export const of = <T>(list: readonly T[], k: number): T => list[k % list.length];

/** Some axes of `x`, at least one if it has any. */
export function someAxes(x: Tensor, mask: number): Axis[] {
  const chosen = x.axes.filter((_, k) => ((mask >> k) & 1) === 1);
  return chosen.length > 0 || x.axes.length === 0 ? chosen : [of(x.axes, mask)];
}

/** A positive function of `x`, mostly. */
export function positive(x: Tensor, k: number): Tensor {
  const forms = [
    () => exp(x.mul(0.25)),
    () => softplus(x).add(0.1),
    () => square(x).add(0.5),
    () => abs(x).add(0.01),
    () => sigmoid(x).mul(3),
    () => exp(tanh(x)),
    () => square(x),
    () => x,
  ];
  return of(forms, k)();
}

export function activation(x: Tensor, k: number): Tensor {
  const forms = [
    () => x,
    () => tanh(x),
    () => maximum(x, 0),
    () => sigmoid(x),
    () => softplus(x),
    () => select(x.gt(0), x, expm1(x)),
  ];
  return of(forms, k)();
}
