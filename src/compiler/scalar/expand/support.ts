/**
 * What the expansions share: constants, polynomials, and the layout of the two float formats. All
 * coefficients are made by test/compiler/fixtures/minimax.py.
 */
import type { FloatType, Scalar, ScalarBuilder } from "../language.ts";

/**
 * The layout of a format. `shift` is 1.5 * 2^mantissa: adding it to a small number rounds that to a
 * whole number, which then stands in the low bits.
 */
export interface Format {
  /** The type. */
  readonly type: FloatType;
  /** The integers of its size. */
  readonly bits: "i32" | "i64";
  /** Bits of the fraction. */
  readonly mantissa: number;
  /** Of the exponent. */
  readonly bias: number;
  /** The sign bit. */
  readonly sign: number | bigint;
  /** See above. */
  readonly shift: number;
}

const FORMATS: Readonly<Record<FloatType, Format>> = {
  f32: {
    type: "f32",
    bits: "i32",
    mantissa: 23,
    bias: 127,
    sign: -0x80000000,
    shift: 1.5 * 2 ** 23,
  },
  f64: {
    type: "f64",
    bits: "i64",
    mantissa: 52,
    bias: 1023,
    sign: -(1n << 63n),
    shift: 1.5 * 2 ** 52,
  },
};

/** The layout of the type of `x`. */
export const formatOf = (x: Scalar): Format => FORMATS[x.type as FloatType];

/** A constant of the type of `x`, rounded to that. */
export function number(b: ScalarBuilder, x: Scalar, value: number): Scalar {
  return b.constant(x.type, x.type === "f32" ? Math.fround(value) : value);
}

/** A whole constant as wide as the numbers of `format`. */
export function integer(b: ScalarBuilder, format: Format, value: number | bigint): Scalar {
  return b.constant(format.bits, format.bits === "i64" ? BigInt(value) : Number(value));
}

/** The bits of `x`. */
export const bitsOf = (b: ScalarBuilder, x: Scalar): Scalar => b.bitcast(x, formatOf(x).bits);

/** c[0] + x c[1] + x^2 c[2] + ..., by Horner's rule. */
export function polynomial(b: ScalarBuilder, x: Scalar, coefficients: readonly number[]): Scalar {
  const last = coefficients.length - 1;
  let sum = number(b, x, coefficients[last]);
  for (let k = last - 1; k >= 0; k--) sum = b.add(b.mul(sum, x), number(b, x, coefficients[k]));
  return sum;
}

/**
 * The smaller of `x` and a number; NaN stays. One comparison and one choice, in the order of the
 * machine's own minimum (`limit < x ? limit : x`), which printers may use for this pair.
 */
export function atMost(b: ScalarBuilder, x: Scalar, limit: number): Scalar {
  const c = number(b, x, limit);
  return b.select(b.lt(c, x), c, x);
}

/** The larger of `x` and a number; NaN stays (`x < limit ? limit : x`). */
export function atLeast(b: ScalarBuilder, x: Scalar, limit: number): Scalar {
  const c = number(b, x, limit);
  return b.select(b.lt(x, c), c, x);
}

/** `magnitude`, not negative (or of the sign of `x` already), with the sign of `x`. */
export function withSignOf(b: ScalarBuilder, x: Scalar, magnitude: Scalar): Scalar {
  const format = formatOf(x);
  const sign = b.and(bitsOf(b, x), integer(b, format, format.sign));
  return b.bitcast(b.or(bitsOf(b, magnitude), sign), x.type);
}
