/**
 * The richer elementwise operations in the body language: straight lines without branches, so that
 * every printer, with lanes or without, computes the same bits. Limits are those of the functions:
 * signed zeros, infinities, denormal numbers and NaN included.
 */
import type { Scalar, ScalarBuilder } from "../language.ts";
import { logAddExp, sigmoid, softplus, tanh } from "./activations.ts";
import { erf } from "./erf.ts";
import { exp, expm1 } from "./exp.ts";
import { digamma, lgamma, trigamma } from "./gamma.ts";
import { log, log1p } from "./log.ts";
import { cos, sin } from "./trigonometric.ts";

export { expandThreefry } from "./threefry.ts";

/** Arguments and result are of one type, f32 or f64. */
export type Expansion = (b: ScalarBuilder, ...args: Scalar[]) => Scalar;

/** The operations that become several machine operations. */
export type Expanded =
  | "exp"
  | "log"
  | "sin"
  | "cos"
  | "tanh"
  | "sigmoid"
  | "softplus"
  | "log1p"
  | "expm1"
  | "erf"
  | "lgamma"
  | "digamma"
  | "trigamma"
  | "logAddExp";

/** The expansion of each of them. */
export const EXPANSIONS: Readonly<Record<Expanded, Expansion>> = {
  exp,
  log,
  sin,
  cos,
  tanh,
  sigmoid,
  softplus,
  log1p,
  expm1,
  erf,
  lgamma,
  digamma,
  trigamma,
  logAddExp,
};

/**
 * The largest errors, in units of the last place of the exact result, as measured by the tests (f32
 * also over every 23rd number there is) with some room:
 *
 * - over all arguments, but for sin and cos |x| <= 1e4 in f32 and |x| <= 1e6 in f64;
 * - where sums cancel, in units of the last place of the largest term: logAddExp in that of its
 *   arguments; lgamma and digamma for x < 0 in that of the result, 1, and |x| log|x| or log|x|.
 */
export const ULPS: Readonly<Record<Expanded, { readonly f32: number; readonly f64: number }>> = {
  exp: { f32: 2, f64: 2 },
  log: { f32: 1.5, f64: 1 },
  sin: { f32: 3, f64: 2 },
  cos: { f32: 3, f64: 2.5 },
  tanh: { f32: 3, f64: 3 },
  sigmoid: { f32: 4, f64: 3 },
  softplus: { f32: 3.25, f64: 2.5 },
  log1p: { f32: 2, f64: 1.5 },
  expm1: { f32: 2.75, f64: 2 },
  erf: { f32: 1.5, f64: 1.5 },
  lgamma: { f32: 0.51, f64: 7 },
  digamma: { f32: 0.51, f64: 6 },
  trigamma: { f32: 0.51, f64: 7 },
  logAddExp: { f32: 4, f64: 4 },
};
