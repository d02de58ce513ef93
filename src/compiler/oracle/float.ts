/**
 * The elementwise floating-point operations: value, and bound on the error of what a program
 * computes. A bound is `Infinity` (or NaN) where nothing can be said: at the edge of a domain, near
 * a pole, at a jump.
 *
 * In a bound, `v` is the value, and the operands are a +- ea and b +- eb; ea and eb are finite. It
 * covers the difference over that box plus the operation's own rounding.
 */
import type { Binary, Unary } from "../../tensor/internal.ts";
import type { Expanded } from "../scalar/expand/index.ts";
import type { Precision } from "./precision.ts";
import { digamma, erf, lgamma, logAddExp, sigmoid, softplus, trigamma } from "./special.ts";

/**
 * A bound on the absolute error of an operation's result `v`, as described at the top of this file.
 */
export type Bound = (
  v: number,
  a: number,
  ea: number,
  b: number,
  eb: number,
  p: Precision,
) => number;

/** An elementwise operation: its value in doubles, and the bound on its error. */
export interface FloatRule {
  /** The result in doubles; `b` is ignored where there is one operand. */
  value(a: number, b: number): number;
  /** The bound on the error of a program. */
  readonly bound: Bound;
}

const UNSURE = Number.POSITIVE_INFINITY;

/** Largest difference of `f` over a +- ea, for an `f` that is monotone or convex there. */
function difference(f: (x: number) => number, v: number, a: number, ea: number): number {
  if (ea === 0) return 0;
  const low = f(a - ea);
  const high = f(a + ea);
  if (Number.isFinite(v)) return Math.max(Math.abs(low - v), Math.abs(high - v));
  return Object.is(low, v) && Object.is(high, v) ? 0 : UNSURE;
}

/** One rounding of a result as large as `size`. */
function rounding(size: number, p: Precision): number {
  return Number.isFinite(size) ? p.unit * size + p.tiny : 0;
}

/** What the functions of special.ts may be off by, relative to their largest term. */
const OWN = 10 * 2 ** -53;

/**
 * The error of an expanded operation in units of the last place of `scale`, at most twice the unit
 * roundoff, and that of the oracle in terms of size `own`.
 */
function expansion(op: Expanded, scale: number, p: Precision, own = scale): number {
  if (!Number.isFinite(scale)) return 0;
  return p.ulps(op) * (2 * p.unit * scale + p.tiny) + OWN * own;
}

/** An expanded function, monotone or convex where it is smooth, with relative error. */
function smooth(op: Expanded, f: (x: number) => number): FloatRule {
  return {
    value: f,
    bound: (v, a, ea, _b, _eb, p) => {
      const moved = difference(f, v, a, ea);
      return moved + expansion(op, Math.abs(v) + moved, p);
    },
  };
}

/**
 * As `smooth`, with poles at 0, -1, -2, ... and no limit at -Infinity; `terms` is the size of what
 * cancels for x < 0.
 */
function gammaLike(
  op: Expanded,
  f: (x: number) => number,
  terms: (x: number) => number,
): FloatRule {
  return {
    value: f,
    bound: (v, a, ea, _b, _eb, p) => {
      const low = a - ea;
      if (low <= 0 && Math.ceil(low) <= a + ea) return UNSURE;
      const moved = difference(f, v, a, ea);
      const cancelled = 1 + terms(Math.abs(a) + ea);
      const own = Math.abs(v) + moved + cancelled;
      return moved + expansion(op, low < 0 ? own : Math.abs(v) + moved, p, own);
    },
  };
}

/** sin and cos: slope at most 1, values at most 1; nothing is promised of large angles. */
function wave(op: Expanded, f: (x: number) => number): FloatRule {
  return {
    value: f,
    bound: (v, a, ea, _b, _eb, p) => {
      if (Number.isFinite(a) && Math.abs(a) + ea > p.largestAngle) return UNSURE;
      const moved = Math.min(ea, 2);
      return moved + expansion(op, Math.abs(v) + moved, p);
    },
  };
}

const keptError: Bound = (_v, _a, ea) => ea;

/** Whether `v`, the double nearest to the result on exact operands, is the result in any precision. */
function isExact(v: number, ea: number, eb: number, residual: number, p: Precision): boolean {
  return ea + eb === 0 && residual === 0 && (p.dtype === "float64" || Math.fround(v) === v);
}

/** What rounding a + b to the double v lost (Knuth). */
function lostBySum(a: number, b: number, v: number): number {
  const second = v - a;
  return a - (v - second) + (b - second);
}

const SPLITTER = 2 ** 27 + 1;

/** What rounding a * b to the double v lost (Dekker). */
function lostByProduct(a: number, b: number, v: number): number {
  if (a === 0 || b === 0) return 0;
  const highA = SPLITTER * a - (SPLITTER * a - a);
  const highB = SPLITTER * b - (SPLITTER * b - b);
  const lowA = a - highA;
  const lowB = b - highB;
  return lowA * lowB - (v - highA * highB - lowA * highB - highA * lowB);
}

/** add and sub. */
function sumBound(sign: 1 | -1): Bound {
  return (v, a, ea, b, eb, p) => {
    if (!Number.isFinite(v)) return Number.isFinite(a) && Number.isFinite(b) ? UNSURE : 0;
    if (isExact(v, ea, eb, lostBySum(a, sign * b, v), p)) return 0;
    return ea + eb + p.unit * (Math.abs(v) + ea + eb);
  };
}

const productBound: Bound = (v, a, ea, b, eb, p) => {
  if (!Number.isFinite(v)) {
    if (Number.isNaN(a) || Number.isNaN(b)) return 0;
    const [other, error] = Number.isFinite(a) ? [a, ea] : [b, eb];
    const bothFinite = Number.isFinite(a) && Number.isFinite(b);
    return bothFinite || (error > 0 && Math.abs(other) <= error) ? UNSURE : 0;
  }
  if (isExact(v, ea, eb, lostByProduct(a, b, v), p)) return 0;
  const moved = Math.abs(a) * eb + Math.abs(b) * ea + ea * eb;
  return moved + rounding(Math.abs(v) + moved, p);
};

const quotientBound: Bound = (v, a, ea, b, eb, p) => {
  if (Number.isNaN(a) || Number.isNaN(b)) return 0;
  const nearest = Math.abs(b) - eb;
  if (nearest <= 0) return a === 0 && ea === 0 && eb === 0 ? 0 : UNSURE;
  if (!Number.isFinite(v)) return Number.isFinite(a) ? UNSURE : 0;
  if (!Number.isFinite(b) || (a === 0 && ea === 0)) return 0;
  const moved = (ea + Math.abs(v) * eb) / nearest;
  return moved + rounding(Math.abs(v) + moved, p);
};

/** minimum and maximum: continuous, and nothing is rounded. */
const chosenBound: Bound = (v, a, ea, b, eb) => {
  if (Number.isNaN(v) || !Number.isFinite(v)) return 0;
  if (Math.abs(a - b) > ea + eb) return v === a ? ea : eb;
  return Math.max(ea, eb);
};

/** The rule of each elementwise operation. */
export const FLOAT: { readonly [O in Unary | Binary]: FloatRule } = {
  neg: { value: (a) => -a, bound: keptError },
  abs: { value: Math.abs, bound: keptError },
  floor: {
    value: Math.floor,
    bound: (v, a, ea) => {
      if (!Number.isFinite(v)) return 0;
      return Math.floor(a - ea) === Math.floor(a + ea) ? 0 : UNSURE;
    },
  },
  sqrt: {
    value: Math.sqrt,
    bound: (v, a, ea, _b, _eb, p) => {
      if (ea === 0 && isExact(v, ea, 0, lostByProduct(v, v, a), p)) return 0;
      const moved = difference(Math.sqrt, v, a, ea);
      return moved + rounding(Math.abs(v) + moved, p);
    },
  },
  exp: smooth("exp", Math.exp),
  log: smooth("log", Math.log),
  sin: wave("sin", Math.sin),
  cos: wave("cos", Math.cos),
  tanh: smooth("tanh", Math.tanh),
  sigmoid: smooth("sigmoid", sigmoid),
  softplus: smooth("softplus", softplus),
  log1p: smooth("log1p", Math.log1p),
  expm1: smooth("expm1", Math.expm1),
  erf: smooth("erf", erf),
  lgamma: gammaLike("lgamma", lgamma, (x) => x * Math.log(Math.max(1, x))),
  digamma: gammaLike("digamma", digamma, (x) => Math.log(Math.max(1, x))),
  trigamma: gammaLike("trigamma", trigamma, () => 0),
  add: { value: (a, b) => a + b, bound: sumBound(1) },
  sub: { value: (a, b) => a - b, bound: sumBound(-1) },
  mul: { value: (a, b) => a * b, bound: productBound },
  div: { value: (a, b) => a / b, bound: quotientBound },
  minimum: { value: Math.min, bound: chosenBound },
  maximum: { value: Math.max, bound: chosenBound },
  logAddExp: {
    value: logAddExp,
    bound: (v, a, ea, b, eb, p) => {
      if (!Number.isFinite(v)) return 0;
      const moved = Math.max(ea, eb);
      const scale = Math.abs(Math.max(a, b)) + Math.abs(v) + moved;
      return moved + expansion("logAddExp", scale, p);
    },
  },
};
