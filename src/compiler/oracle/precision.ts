/** The two floating-point types, as the error bounds see them. */
import type { DType } from "../../tensor/index.ts";
import { type Expanded, ULPS } from "../scalar/expand/index.ts";

/** The rounding of a floating-point type. */
export interface Precision {
  /** The type. */
  readonly dtype: DType;
  /** Largest relative error of one rounding; for float64 doubled, as the oracle rounds too. */
  readonly unit: number;
  /** Largest absolute error of one rounding among the smallest numbers. */
  readonly tiny: number;
  /** From here on numbers have all bits of precision. */
  readonly smallestNormal: number;
  /** The largest finite number. */
  readonly huge: number;
  /** Whole numbers up to this are exact. */
  readonly whole: number;
  /** Up to which sin and cos are as accurate as stated. */
  readonly largestAngle: number;
  /** Largest error of an expanded operation, in units of the last place. */
  ulps(op: Expanded): number;
}

const FLOAT32: Precision = {
  dtype: "float32",
  unit: 2 ** -24 * (1 + 2 ** -12),
  tiny: 2 ** -149,
  smallestNormal: 2 ** -126,
  huge: (2 - 2 ** -23) * 2 ** 127,
  whole: 2 ** 24,
  largestAngle: 1e4,
  ulps: (op) => ULPS[op].f32,
};

const FLOAT64: Precision = {
  dtype: "float64",
  unit: 2 ** -52,
  tiny: 2 ** -1073,
  smallestNormal: 2 ** -960,
  huge: Number.MAX_VALUE,
  whole: 2 ** 53,
  largestAngle: 1e6,
  ulps: (op) => ULPS[op].f64,
};

/** The rounding of `dtype`. */
export function precisionOf(dtype: DType): Precision {
  return dtype === "float64" ? FLOAT64 : FLOAT32;
}
