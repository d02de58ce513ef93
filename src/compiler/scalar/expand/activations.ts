/** tanh, sigmoid, softplus and logAddExp, all from the pieces of exp and log. */
import type { FloatType, Scalar, ScalarBuilder } from "../language.ts";
import { expOfNegative } from "./exp.ts";
import { log1pOfUnit } from "./log.ts";
import { atMost, bitsOf, formatOf, number, polynomial, withSignOf } from "./support.ts";

interface Coefficients {
  /** Where tanh is 1. */
  readonly highest: number;
  /** log(2) / 2 in two parts; the second is 0 where the first is enough. */
  readonly high: number;
  readonly low: number;
  /** (1 - exp(-2 r)) / r on |r| <= log(2) / 4. */
  readonly drop: readonly number[];
}

const TANH: Readonly<Record<FloatType, Coefficients>> = {
  f32: {
    highest: 10,
    high: 0.3465728759765625,
    low: 7.143033826650935e-7,
    drop: [
      2, -1.9999998807907104, 1.3333237171173096, -0.6666789650917053, 0.26772069931030273,
      -0.08877245336771011,
    ],
  },
  f64: {
    highest: 20,
    high: 0.3465735902799736,
    low: -9.320943368621517e-16,
    drop: [
      2, -2.000000000000002, 1.3333333333333313, -0.6666666666652116, 0.26666666666767036,
      -0.08888888916242332, 0.025396825295174966, -0.006349185353996173, 0.0014109376446427178,
      -0.0002828904915734496, 5.132762874951057e-5,
    ],
  },
};

/**
 * w / (2 - w) of a = |x|, where w = 1 - exp(-2 a) = (1 - s) + s (1 - exp(-2 r)), a = n log(2)/2 + r
 * and s = 2^-n. For small a, n = 0 and r = a, so nothing is lost; for large a, w rises to 1.
 */
export function tanh(b: ScalarBuilder, x: Scalar): Scalar {
  const format = formatOf(x);
  const { highest, high, low, drop } = TANH[format.type];
  const a = atMost(b, b.abs(x), highest);
  const shift = number(b, x, format.shift + format.bias);
  const shifted = b.sub(shift, b.mul(a, number(b, x, 2 / Math.LN2)));
  const minusN = b.sub(shifted, shift);
  const near = b.add(a, b.mul(minusN, number(b, x, high)));
  const r = b.add(near, b.mul(minusN, number(b, x, low)));
  const s = b.bitcast(b.shl(bitsOf(b, shifted), format.mantissa), format.type);
  const rest = b.mul(s, b.mul(r, polynomial(b, r, drop)));
  const w = b.add(b.sub(number(b, x, 1), s), rest);
  return withSignOf(b, x, b.div(w, b.sub(number(b, x, 2), w)));
}

/** 1 / (1 + e) or, below 0, e / (1 + e), where e = exp(-|x|), which `softplus` of x needs too. */
export function sigmoid(b: ScalarBuilder, x: Scalar): Scalar {
  const one = number(b, x, 1);
  const e = expOfNegative(b, b.abs(x));
  return b.div(b.select(b.lt(x, number(b, x, 0)), e, one), b.add(one, e));
}

/** max(x, 0) + log1p(exp(-|x|)). */
export function softplus(b: ScalarBuilder, x: Scalar): Scalar {
  const zero = number(b, x, 0);
  const positive = b.select(b.lt(zero, x), x, zero);
  return b.add(positive, log1pOfUnit(b, expOfNegative(b, b.abs(x))));
}

/** max(x, y) + log1p(exp(-|x - y|)); the difference of equal infinities is 0. */
export function logAddExp(b: ScalarBuilder, x: Scalar, y: Scalar): Scalar {
  const apart = b.select(b.eq(x, y), number(b, x, 0), b.abs(b.sub(x, y)));
  return b.add(b.max(x, y), log1pOfUnit(b, expOfNegative(b, apart)));
}
