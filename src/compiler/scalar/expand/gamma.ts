/**
 * lgamma, digamma and trigamma of a = |x|: below 8 a quotient of polynomials with positive
 * coefficients (minimax, by Remez exchange) times a factor with the function's zeros and poles, from
 * 8 on Stirling's series (its coefficients minimax too; Abramowitz and Stegun, 6.1.41, 6.3.18,
 * 6.4.12); then the reflection formula for x < 0 (6.1.17, 6.3.7, 6.4.7). All are computed in f64: in
 * f32 the result is that, rounded.
 */
import type { Scalar, ScalarBuilder } from "../language.ts";
import { log } from "./log.ts";
import { atMost, number, polynomial } from "./support.ts";

/** Where Stirling's series takes over. */
const FAR = 8;

/** lgamma(x) / ((x - 1) (x - 2)) on [1, 8]. */
const LGAMMA = {
  numerator: [
    2.4555998093567637, 53.75833404844841, 258.86333867082965, 430.48280244250117,
    288.08436141905213, 81.94474833702799, 9.711295030087772, 0.4289609752677977,
    0.005179423723027505, 3.363381534080402e-6,
  ],
  denominator: [
    1, 37.85594219559804, 275.01156631075816, 660.8291522799304, 642.1880118211549,
    275.67382232431765, 53.187511201667704, 4.401368493623682, 0.13580572623326842,
    0.0010755525484827447,
  ],
};

/** digamma(x) x / (x - x0) on [0, 8], where x0 is its zero, in two parts. */
const DIGAMMA = {
  zero: [1.4616321449683622, 9.549995429965697e-17],
  numerator: [
    0.6841666717870696, 2.4513922622356477, 2.8205836976213874, 1.472903576077346,
    0.38969944083171937, 0.05314145890176203, 0.0035490132529301215, 0.00010096425476789102,
    8.707418322711325e-7, 3.8837343308677557e-10,
  ],
  denominator: [
    1, 2.3216513937217385, 1.9761040517328639, 0.8085278671984396, 0.1721257265282715,
    0.019055163027310522, 0.0010275426197149376, 2.303355975728704e-5, 1.4509563253440582e-7,
  ],
};

/** trigamma(x) x^2 on [0, 8]. */
const TRIGAMMA = {
  numerator: [
    1, 4.56569331925272, 10.549883481027276, 14.84349854745512, 13.48815988431198,
    8.105341524708189, 3.2178540217922587, 0.817422242836033, 0.1214419080759936,
    0.00811699838864568,
  ],
  denominator: [
    1, 4.565693319252719, 8.904949414179082, 9.737347874153304, 6.56958187248159,
    2.8196012651589846, 0.757377705466395, 0.11738340887696878, 0.00811699838872253,
  ],
};

/** What Stirling's formulas leave, times x, x^2 and x^3, in powers of 1 / x^2. */
const SERIES = {
  lgamma: [
    0.0833333333333331, -0.0027777777773627275, 0.0007936505776403092, -0.0005951898283369239,
    0.0008364668338580657, -0.0016336061405656033,
  ],
  digamma: [
    0.08333333333332583, -0.008333333323896679, 0.003968250005286854, -0.004165897750900805,
    0.007499519401500201, -0.017270402111285294,
  ],
  trigamma: [
    0.16666666666656574, -0.03333333320613617, 0.02380947029608325, -0.03332292423511676,
    0.07472134426036212, -0.20074892678586567,
  ],
};

/** sin(pi d) / d in powers of d^2, on |d| <= 1/2. */
const SINE = [
  Math.PI,
  -5.16771278004991,
  2.550164039872466,
  -0.5992645291688888,
  0.08214588427383207,
  -0.007370411296559766,
  0.00046621062986083075,
  -2.1687341861112563e-5,
  5.565267766641208e-7,
];

const sinPi = (b: ScalarBuilder, d: Scalar) => b.mul(d, polynomial(b, b.mul(d, d), SINE));

function quotient(
  b: ScalarBuilder,
  x: Scalar,
  { numerator, denominator }: { numerator: readonly number[]; denominator: readonly number[] },
): Scalar {
  return b.div(polynomial(b, x, numerator), polynomial(b, x, denominator));
}

/** How far `a`, at least 0, is from the nearest whole number. All numbers from 2^53 on are whole. */
function offWhole(b: ScalarBuilder, a: Scalar): Scalar {
  const capped = atMost(b, a, 2 ** 53);
  return b.sub(capped, b.nearest(capped));
}

/** The expansion `of` f64 numbers, for both types. */
function inDouble(of: (b: ScalarBuilder, x: Scalar) => Scalar) {
  return (b: ScalarBuilder, x: Scalar): Scalar => b.convert(of(b, b.convert(x, "f64")), x.type);
}

/**
 * Below 1 the quotient is taken at 1 + a, where its rounding does little harm, but the factors from
 * a itself: this gives lgamma(1 + a), from which log a is taken. The reflection formula is
 * -log(|sin(pi a)| / pi) - lgamma(1 + a), written for a >= 1 with lgamma(a) and a times the sine.
 */
export const lgamma = inDouble((b, x) => {
  const c = (value: number) => number(b, x, value);
  const a = b.abs(x);
  const one = c(1);
  const small = b.lt(a, one);
  const y = b.select(small, a, b.sub(a, one));
  const at = b.select(small, b.add(a, one), a);
  const product = b.mul(b.mul(y, b.sub(y, one)), quotient(b, at, LGAMMA));
  // -0, at 1, becomes 0.
  const near = b.add(product, c(0));

  const logA = log(b, a);
  const inverse = b.div(one, a);
  const rest = b.mul(inverse, polynomial(b, b.mul(inverse, inverse), SERIES.lgamma));
  const main = b.mul(b.sub(a, c(0.5)), b.sub(logA, one));
  const far = b.add(main, b.add(c(Math.log(2 * Math.PI) / 2 - 0.5), rest));
  const shifted = b.select(b.lt(a, c(FAR)), near, far);
  const positive = b.select(small, b.sub(near, logA), shifted);

  const sine = sinPi(b, b.abs(offWhole(b, a)));
  const under = b.mul(sine, b.select(small, one, atMost(b, a, 2 ** 53)));
  const first = b.neg(log(b, b.mul(under, c(1 / Math.PI))));
  const reflected = b.sub(first, atMost(b, shifted, 1e308));
  return b.select(b.lt(x, c(0)), reflected, positive);
});

/** Reflection: digamma(-a) = digamma(1 + a) + pi / tan(pi a). */
export const digamma = inDouble((b, x) => {
  const c = (value: number) => number(b, x, value);
  const a = b.abs(x);
  const one = c(1);
  const fromZero = b.sub(b.sub(a, c(DIGAMMA.zero[0])), c(DIGAMMA.zero[1]));
  const product = b.mul(fromZero, quotient(b, a, DIGAMMA));

  const inverse = b.div(one, a);
  const square = b.mul(inverse, inverse);
  const rest = b.mul(square, polynomial(b, square, SERIES.digamma));
  const far = b.sub(log(b, a), b.add(b.mul(inverse, c(0.5)), rest));
  const isNear = b.lt(a, c(FAR));
  const positive = b.select(isNear, b.div(product, a), far);

  const next = b.select(isNear, b.div(b.add(product, one), a), b.add(far, inverse));
  const d = offWhole(b, a);
  const sine = sinPi(b, d);
  const cosine = sinPi(b, b.sub(c(0.5), b.abs(d)));
  const reflected = b.add(next, b.mul(c(Math.PI), b.div(cosine, sine)));
  const negative = b.select(b.eq(d, c(0)), c(Number.NaN), reflected);
  return b.select(b.le(x, c(0)), negative, positive);
});

/** Reflection: trigamma(-a) = pi^2 / sin(pi a)^2 + (1 / a^2 - trigamma(a)). */
export const trigamma = inDouble((b, x) => {
  const c = (value: number) => number(b, x, value);
  const a = b.abs(x);
  const one = c(1);
  const product = quotient(b, a, TRIGAMMA);

  const inverse = b.div(one, a);
  const square = b.mul(inverse, inverse);
  const rest = b.mul(inverse, polynomial(b, square, SERIES.trigamma));
  const far = b.add(inverse, b.mul(square, b.add(c(0.5), rest)));
  const isNear = b.lt(a, c(FAR));
  const positive = b.select(isNear, b.div(b.div(product, a), a), far);

  const nearTail = b.div(b.div(b.sub(one, product), a), a);
  const tail = b.select(isNear, nearTail, b.sub(square, far));
  const ratio = b.div(c(Math.PI), sinPi(b, offWhole(b, a)));
  const reflected = b.add(b.mul(ratio, ratio), tail);
  return b.select(b.lt(x, c(0)), reflected, positive);
});
