/**
 * The richer elementwise operations in the body language: straight lines without branches, so that
 * every printer, with lanes or without, computes the same bits. Limits are those of the functions:
 * signed zeros, infinities, denormal numbers and NaN included.
 */
import type { Scalar, ScalarBuilder } from "../scalar.ts";
import { logAddExp, sigmoid, softplus, tanh } from "./activations.ts";
import { erf } from "./erf.ts";
import { exp, expm1 } from "./exp.ts";
import { digamma, lgamma, trigamma } from "./gamma.ts";
import { log, log1p } from "./log.ts";
import { cos, sin } from "./trigonometric.ts";

export { expandThreefry } from "./threefry.ts";

/** Arguments and result are of one type, f32 or f64. */
export type Expansion = (b: ScalarBuilder, ...args: Scalar[]) => Scalar;

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
