/**
 * exp and expm1: x = 2 n log(2) + r with |r| <= log(2), in two steps (W. J. Cody and W. Waite,
 * "Software manual for the elementary functions", 1980), and a minimax polynomial in r (Remez
 * exchange, coefficients rounded one after another). Then exp(x) = p(r) s s with s = 2^n. As s
 * enters twice, the whole range, with gradual underflow, needs but one power of two, and p s is
 * exact, so that a denormal result is rounded once.
 */
import type { FloatType, Scalar, ScalarBuilder } from "../language.ts";
import {
  atLeast,
  atMost,
  bitsOf,
  type Format,
  formatOf,
  integer,
  number,
  polynomial,
  withSignOf,
} from "./support.ts";

interface Coefficients {
  /** Where exp is 0, and where it is infinite, with some room. */
  readonly lowest: number;
  readonly highest: number;
  /** 1 / (2 log 2), and 2 log 2 as a short number (exact times n) and the rest. */
  readonly scale: number;
  readonly high: number;
  readonly low: number;
  /** exp(r) on |r| <= log 2, and (exp(r) - 1) / r. */
  readonly exp: readonly number[];
  readonly expm1: readonly number[];
}

/** Bounds and polynomials of exp, for each type. */
const EXP: Readonly<Record<FloatType, Coefficients>> = {
  f32: {
    lowest: -104,
    highest: 89,
    scale: 0.7213475108146667,
    high: 1.38629150390625,
    low: 2.857213530660374e-6,
    exp: [
      1, 1, 0.5000003576278687, 0.166666179895401, 0.041661228984594345, 0.008335934951901436,
      0.0014104777947068214, 0.00019629749294836074,
    ],
    expm1: [
      1, 0.5000002384185791, 0.16666647791862488, 0.0416620709002018, 0.00833426509052515,
      0.0014091844204813242, 0.0001985159469768405,
    ],
  },
  f64: {
    lowest: -746,
    highest: 710,
    scale: 0.7213475204444817,
    high: 1.3862943611202354,
    low: -3.447888905122967e-13,
    exp: [
      1, 1, 0.4999999999999993, 0.16666666666666938, 0.04166666666670214, 0.008333333333269717,
      0.00138888888835689, 0.00019841269892916072, 2.480159083451537e-5, 2.755730060950464e-6,
      2.755615695730243e-7, 2.505503884130333e-8, 2.1062423170675247e-9, 1.5935351252803802e-10,
    ],
    expm1: [
      1, 0.5, 0.1666666666666666, 0.041666666666666755, 0.008333333333336168, 0.001388888888886923,
      0.00019841269837286293, 2.4801587316674805e-5, 2.75573217581162e-6, 2.755731423033193e-7,
      2.505130022252139e-8, 2.0877400401489664e-9, 1.618512430179262e-10, 1.1473551805003044e-11,
    ],
  },
};

const alternating = (c: readonly number[]) => c.map((value, k) => (k % 2 === 0 ? value : -value));

/** The parts of exp(x), or of exp(-x) where the sign is -1. */
interface Reduced {
  /** The type of the argument. */
  readonly format: Format;
  /** n + bias in the low bits. */
  readonly biased: Scalar;
  /** r, or -r where the sign is -1. */
  readonly r: Scalar;
}

/** The reduction of `x`, which must be within the range of the table. */
function reduce(b: ScalarBuilder, x: Scalar, sign: 1 | -1 = 1): Reduced {
  const format = formatOf(x);
  const { scale, high, low } = EXP[format.type];
  const shift = number(b, x, format.shift + format.bias);
  const turns = b.mul(x, number(b, x, scale));
  const shifted = sign === 1 ? b.add(turns, shift) : b.sub(shift, turns);
  const n = b.sub(shifted, shift);
  const nHigh = b.mul(n, number(b, x, high));
  const nLow = b.mul(n, number(b, x, low));
  const r = sign === 1 ? b.sub(b.sub(x, nHigh), nLow) : b.add(b.add(x, nHigh), nLow);
  return { format, biased: bitsOf(b, shifted), r };
}

/** s = 2^n. */
function power(b: ScalarBuilder, { format, biased }: Reduced): Scalar {
  return b.bitcast(b.shl(biased, format.mantissa), format.type);
}

/** 1 / s = 2^-n. */
function inversePower(b: ScalarBuilder, { format, biased }: Reduced): Scalar {
  const negated = b.sub(integer(b, format, 2 * format.bias), biased);
  return b.bitcast(b.shl(negated, format.mantissa), format.type);
}

/** exp(r), where the reduction was of `sign` times its argument. */
function expOfRest(b: ScalarBuilder, { format, r }: Reduced, sign: 1 | -1 = 1): Scalar {
  const c = EXP[format.type].exp;
  return polynomial(b, r, sign === 1 ? c : alternating(c));
}

/** e^x. */
export function exp(b: ScalarBuilder, x: Scalar): Scalar {
  const { lowest, highest } = EXP[formatOf(x).type];
  const reduced = reduce(b, atLeast(b, atMost(b, x, highest), lowest));
  const s = power(b, reduced);
  return b.mul(b.mul(expOfRest(b, reduced), s), s);
}

/** exp(-a) for a >= 0 (or NaN): `exp` without what only positive arguments need. */
export function expOfNegative(b: ScalarBuilder, a: Scalar): Scalar {
  const reduced = reduce(b, atMost(b, a, -EXP[formatOf(a).type].lowest), -1);
  const s = power(b, reduced);
  return b.mul(b.mul(expOfRest(b, reduced, -1), s), s);
}

/**
 * s (s (p(r) - 1) + (s - 1/s)), where p(r) - 1 = r q(r) and, if n = 0, s - 1/s = 0 and r = x. Below
 * the range at hand the result is -1 already.
 */
export function expm1(b: ScalarBuilder, x: Scalar): Scalar {
  const { type, mantissa } = formatOf(x);
  const reduced = reduce(b, atLeast(b, atMost(b, x, EXP[type].highest), -2 * mantissa));
  const s = power(b, reduced);
  const rest = b.mul(reduced.r, polynomial(b, reduced.r, EXP[type].expm1));
  const y = b.add(b.mul(s, rest), b.sub(s, inversePower(b, reduced)));
  return withSignOf(b, x, b.mul(y, s));
}
