/** Elementwise operations, reductions and choices. */
import {
  abs,
  and,
  cos,
  digamma,
  erf,
  exp,
  expm1,
  floor,
  lgamma,
  log,
  log1p,
  logAddExp,
  logMeanExp,
  logSumExp,
  max,
  maximum,
  mean,
  minimum,
  or,
  pow,
  select,
  sigmoid,
  sin,
  softplus,
  sqrt,
  square,
  stopGradient,
  straightThrough,
  sum,
  type Tensor,
  tanh,
  trigamma,
  xor,
} from "../../../src/tensor/internal.ts";
import { type Move, of, positive, someAxes } from "./choices.ts";

const SMOOTH: readonly ((x: Tensor, k: number) => Tensor)[] = [
  (x) => x.neg(),
  (x) => abs(x),
  (x) => square(x),
  (x) => tanh(x),
  (x) => exp(x),
  (x) => exp(tanh(x).mul(3)),
  (x) => sigmoid(x),
  (x) => softplus(x),
  (x) => sin(x),
  (x) => cos(x),
  (x) => erf(x),
  (x) => expm1(x),
  (x) => floor(x),
  (x) => floor(x.mul(4)).mul(0.25),
  (x) => x.add(0.5),
  (x) => x.mul(-1.7),
  (x) => x.sub(1),
];

const ON_POSITIVE: readonly ((x: Tensor, k: number) => Tensor)[] = [
  (x) => log(x),
  (x) => sqrt(x),
  (x) => log1p(x),
  (x) => lgamma(x),
  (x) => digamma(x),
  (x) => trigamma(x),
  (x, k) => pow(x, (k % 9) - 4),
  (x, k) => pow(x, (k % 7) * 0.3),
];

export const unary: Move = (b, p, q, r) => b.push(of(SMOOTH, q)(b.pickFloat(p), r));

export const onPositive: Move = (b, p, q, r) =>
  b.push(of(ON_POSITIVE, q)(positive(b.pickFloat(p), r), r >> 3));

export const binary: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const y = b.pickLike(x, q);
  const forms = [
    () => x.add(y),
    () => x.mul(y),
    () => x.sub(y),
    () => maximum(x, y),
    () => minimum(x, y),
    () => logAddExp(x, y),
    () => x.div(positive(y, r >> 3)),
    () => x.add(x.mul(y)),
  ];
  b.push(of(forms, r)());
};

export const reduce: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const over = someAxes(x, q);
  const forms = [
    () => sum(x, ...over),
    () => mean(x, ...over),
    () => max(x, ...over),
    () => logSumExp(x, ...over),
    () => logMeanExp(x, ...over),
    () => sum(square(x), ...over),
  ];
  b.push(of(forms, r)());
};

export const compare: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const y = q % 3 === 0 ? 0 : q % 3 === 1 ? 0.5 : b.pickLike(x, q >> 2);
  const forms = [() => x.lt(y), () => x.gt(y), () => x.le(y), () => x.ge(y), () => x.eq(y)];
  b.push(of(forms, r)());
};

export const choose: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const condition = b.pick(r, (t) => t.dtype === "uint8") ?? x.lt(0);
  b.push(select(condition, x, q % 4 === 0 ? 0 : b.pickLike(x, q >> 2)));
};

/** Truth values only: what `and` of other bytes is, is nobody's business. */
export const logic: Move = (b, p, q, r) => {
  const truth = (k: number) => {
    const x = b.pickFloat(k);
    return k % 2 === 0 ? x.lt(0) : x.ge(0.25);
  };
  b.push(of([and, or, xor], r)(truth(p), truth(q)));
};

export const stopped: Move = (b, p, q) => {
  const x = b.pickFloat(p);
  const bent = tanh(x);
  b.push(of([stopGradient(x), x.mul(stopGradient(bent)), straightThrough(x, bent)], q));
};
