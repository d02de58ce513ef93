/**
 * log and log1p after fdlibm (Sun Microsystems, 1993; K. C. Ng): x = 2^k (1 + f) with 1 + f between
 * sqrt(1/2) and sqrt(2), s = f / (2 + f), and log(1 + f) = f - s (f - R(s^2)), R by a minimax
 * polynomial.
 */
import type { FloatType, Scalar, ScalarBuilder } from "../language.ts";
import { bitsOf, formatOf, integer, number, polynomial, withSignOf } from "./support.ts";

interface Coefficients {
  /** The bits of sqrt(1/2); the smallest normal number. */
  readonly root: number | bigint;
  readonly normal: number;
  /** log 2, short enough for a product with k to be exact, and the rest. */
  readonly high: number;
  readonly low: number;
  /** R(z) / z on z <= (sqrt(2) - 1)^4. */
  readonly rest: readonly number[];
  /** The same on z <= 1/9, for f between 0 and 1. */
  readonly unit: readonly number[];
}

const LOG: Readonly<Record<FloatType, Coefficients>> = {
  f32: {
    root: 0x3f3504f3,
    normal: 2 ** -126,
    high: 0.6931471824645996,
    low: 0,
    rest: [0.6666677594184875, 0.3997758626937866, 0.29870694875717163],
    unit: [0.666664183139801, 0.40021437406539917, 0.2800303101539612, 0.28006720542907715],
  },
  f64: {
    root: 0x3fe6a09e667f3bcdn,
    normal: 2 ** -1022,
    high: 0.6931471805601177,
    low: -1.7239444525614835e-13,
    rest: [
      0.6666666666666734, 0.3999999999941694, 0.2857142874192937, 0.22222198616885913,
      0.18183562193743563, 0.15314102068550675, 0.14795461236687427,
    ],
    unit: [
      0.6666666666666631, 0.40000000000155905, 0.2857142854801186, 0.2222222396060526,
      0.18181744224090912, 0.15386553965319302, 0.13301047155760376, 0.12105535385936539,
      0.08342393786356389, 0.17014506541353,
    ],
  },
};

interface Parts {
  /** k as a float. */
  readonly k: Scalar;
  /** 1 + f. */
  readonly one: Scalar;
  /** 2^(1-k), for k of numbers that are not denormal. */
  readonly inverse: () => Scalar;
}

/** k and 1 + f from the bits of 2^k (1 + f); `x` shows the type. */
function split(b: ScalarBuilder, x: Scalar, bits: Scalar): Parts {
  const format = formatOf(x);
  const { type, mantissa, bias } = format;
  const { root } = LOG[type];
  const c = (value: number | bigint) => integer(b, format, value);
  const oneOf = (above: Scalar) =>
    b.bitcast(b.add(b.and(above, c(2n ** BigInt(mantissa) - 1n)), c(root)), type);
  const highest = (bias + 1) * 2 ** mantissa;
  if (type === "f32") {
    const above = b.sub(bits, c(root));
    const whole = b.shrS(above, mantissa);
    return {
      k: b.convert(whole, type),
      one: oneOf(above),
      inverse: () => b.bitcast(b.sub(c(highest), b.shl(whole, mantissa)), type),
    };
  }
  // Whole numbers of 64 bits are converted by hand: k + 2048 > 0 becomes the low bits of 2^52.
  const above = b.sub(bits, c(BigInt(root) - 2n ** 63n));
  const whole = b.shrU(above, mantissa);
  const float = b.bitcast(b.or(whole, c(0x4330000000000000n)), type);
  return {
    k: b.sub(float, number(b, x, 2 ** 52 + 2048)),
    one: oneOf(above),
    inverse: () => b.bitcast(b.sub(c(BigInt(highest) - 2n ** 63n), b.shl(whole, mantissa)), type),
  };
}

/** f - log(1 + f) = s (f - R(s^2)), with the coefficients of R(z) / z. */
function bend(b: ScalarBuilder, f: Scalar, rest: readonly number[]): Scalar {
  const s = b.div(f, b.add(number(b, f, 2), f));
  const z = b.mul(s, s);
  return b.mul(s, b.sub(f, b.mul(z, polynomial(b, z, rest))));
}

/** log(1 + f) + k log 2. */
function assemble(b: ScalarBuilder, f: Scalar, k: Scalar): Scalar {
  const { high, low, rest } = LOG[formatOf(f).type];
  const bent = bend(b, f, rest);
  const corrected = low === 0 ? bent : b.sub(bent, b.mul(k, number(b, f, low)));
  return b.add(b.mul(k, number(b, f, high)), b.sub(f, corrected));
}

/** `y` = log(x) where x is positive and finite, elsewhere what it must be. */
function withLimits(b: ScalarBuilder, x: Scalar, y: Scalar): Scalar {
  const c = (value: number) => number(b, x, value);
  const finite = b.select(b.lt(x, c(Number.POSITIVE_INFINITY)), y, x);
  const zero = b.eq(x, c(0));
  const outside = b.select(zero, c(Number.NEGATIVE_INFINITY), c(Number.NaN));
  return b.select(b.le(x, c(0)), outside, finite);
}

/**
 * Denormal numbers are multiplied by 2^mantissa; taking that off their bits again gives the bits
 * they would have if exponents had no end.
 */
export function log(b: ScalarBuilder, x: Scalar): Scalar {
  const format = formatOf(x);
  const { type, mantissa } = format;
  const lift = b.mul(x, number(b, x, 2 ** mantissa));
  const endless = b.sub(bitsOf(b, lift), integer(b, format, mantissa * 2 ** mantissa));
  const denormal = b.lt(x, number(b, x, LOG[type].normal));
  const { k, one } = split(b, x, b.select(denormal, endless, bitsOf(b, x)));
  return withLimits(b, x, assemble(b, b.sub(one, number(b, x, 1)), k));
}

/**
 * log of u = 1 + x, rounded, with what the rounding took away, x - (u - 1), added to f; so f = x
 * where k = 0.
 */
export function log1p(b: ScalarBuilder, x: Scalar): Scalar {
  const one = number(b, x, 1);
  const u = b.add(one, x);
  const lost = b.sub(x, b.sub(u, one));
  const parts = split(b, x, bitsOf(b, u));
  const rounding = b.mul(b.mul(lost, parts.inverse()), number(b, x, 0.5));
  const f = b.add(b.sub(parts.one, one), rounding);
  return withSignOf(b, x, withLimits(b, u, assemble(b, f, parts.k)));
}

/** log1p(e) for 0 <= e <= 1, without a reduction. */
export function log1pOfUnit(b: ScalarBuilder, e: Scalar): Scalar {
  return b.sub(e, bend(b, e, LOG[formatOf(e).type].unit));
}
