/**
 * log and log1p after fdlibm (Sun Microsystems, 1993; K. C. Ng): x = 2^k (1 + f) with 1 + f between
 * sqrt(1/2) and sqrt(2), s = f / (2 + f), and log(1 + f) = f - s (f - R(s^2)), R by a minimax
 * polynomial.
 */
import type { Scalar, ScalarBuilder } from "../scalar.ts";
import {
  bitsOf,
  type FloatType,
  formatOf,
  integer,
  number,
  polynomial,
  withSignOf,
} from "./support.ts";

interface Table {
  /** The bits of sqrt(1/2); the smallest normal number. */
  readonly root: number | bigint;
  readonly normal: number;
  /** log 2, short enough for a product with k to be exact, and the rest. */
  readonly high: number;
  readonly low: number;
  /** R(z) / z on z <= (sqrt(2) - 1)^4. */
  readonly rest: readonly number[];
  /** log1p(e) / d with d = 2 e / (2 + e), in powers of d^2, for 0 <= e <= 1. */
  readonly unit: readonly number[];
}

const LOG: Readonly<Record<FloatType, Table>> = {
  f32: {
    root: 0x3f3504f3,
    normal: 2 ** -126,
    high: 0.6931471824645996,
    low: 0,
    rest: [0.6666677594184875, 0.3997758626937866, 0.29870694875717163],
    unit: [
      1, 0.08333302289247513, 0.012506699189543724, 0.002187736565247178, 0.0005470068426802754,
    ],
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
      1, 0.08333333333333334, 0.012499999999998557, 0.002232142857213544, 0.0004340277761142008,
      8.877843140971003e-5, 1.8779862058928925e-5, 4.070016252504371e-6, 8.939953042173396e-7,
      2.0906034323842963e-7, 3.3557307075712605e-8, 1.9548968477039508e-8,
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

/** log(1 + f) + k log 2. */
function assemble(b: ScalarBuilder, f: Scalar, k: Scalar): Scalar {
  const { high, low, rest } = LOG[formatOf(f).type];
  const s = b.div(f, b.add(number(b, f, 2), f));
  const z = b.mul(s, s);
  const r = b.mul(z, polynomial(b, z, rest));
  const far = b.mul(k, number(b, f, high));
  const bent = b.mul(s, b.sub(f, r));
  const corrected = low === 0 ? bent : b.sub(bent, b.mul(k, number(b, f, low)));
  return b.add(far, b.sub(f, corrected));
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
  const rounding = b.mul(b.mul(lost, number(b, x, 0.5)), parts.inverse());
  const f = b.add(b.sub(parts.one, one), rounding);
  return withSignOf(b, x, withLimits(b, u, assemble(b, f, parts.k)));
}

/** log1p(e) for 0 <= e <= 1: 2 atanh(e / (2 + e)). */
export function log1pOfUnit(b: ScalarBuilder, e: Scalar): Scalar {
  const d = b.div(b.add(e, e), b.add(number(b, e, 2), e));
  return b.mul(d, polynomial(b, b.mul(d, d), LOG[formatOf(e).type].unit));
}
