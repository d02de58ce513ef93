/**
 * Special functions in double precision, from their textbook series, for the oracle alone: nothing
 * here is shared with what is compiled. Errors against 50-digit values are a few units of 2^-53 of
 * the result (near a zero of lgamma or digamma at negative x or of digamma: of its largest term).
 */

/** Bernoulli numbers B2, B4, ... B18. */
const BERNOULLI = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
] as const;

const EULER = 0.5772156649015329;

/** Where the asymptotic series in 1/x are good to the last bit. */
const LARGE = 12;

/** 1 / (1 + exp(-x)) in doubles. */
export function sigmoid(x: number): number {
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
}

/** log(1 + exp(x)) in doubles. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** log(exp(a) + exp(b)) in doubles. */
export function logAddExp(a: number, b: number): number {
  if (a === b) return a + Math.LN2;
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** The error function in doubles. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 0) return -erf(-x);
  return x < 2 ? erfSeries(x) : 1 - erfcFraction(x);
}

/** 2/sqrt(pi) exp(-x^2) sum over n of 2^n x^(2n+1) / (1 3 5 ... (2n+1)). */
function erfSeries(x: number): number {
  let total = 0;
  let term = x;
  for (let n = 1; term > total * 2 ** -60; n++) {
    total += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

/** erfc(x) = exp(-x^2)/sqrt(pi) 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...)))). */
function erfcFraction(x: number): number {
  if (x > 7) return 0;
  let below = x;
  for (let n = 70; n > 0; n--) below = x + n / 2 / below;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / below;
}

/** zeta(k) - 1 for k = 2, 3, ..., by Euler and Maclaurin's formula. */
const ZETA_LESS_ONE = Array.from({ length: 32 }, (_, i) => {
  const k = i + 2;
  const last = 16;
  let total = last ** (1 - k) / (k - 1) + last ** -k / 2;
  let rising = k;
  let factorial = 2;
  for (let j = 0; j < 7; j++) {
    total += (BERNOULLI[j] / factorial) * rising * last ** (-k - 2 * j - 1);
    rising *= (k + 2 * j + 1) * (k + 2 * j + 2);
    factorial *= (2 * j + 3) * (2 * j + 4);
  }
  for (let n = last - 1; n >= 2; n--) total += n ** -k;
  return total;
});

/** log Gamma(2 + z) for |z| <= 1/2: (1 - gamma) z + sum over k of (-1)^k (zeta(k) - 1) z^k / k. */
function lgammaAtTwo(z: number): number {
  let total = 0;
  for (let k = ZETA_LESS_ONE.length + 1; k >= 2; k--) {
    total = (ZETA_LESS_ONE[k - 2] / k) * (k % 2 === 0 ? 1 : -1) + total * z;
  }
  return z * (1 - EULER + z * total);
}

/** log |Gamma(x)|. */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (!Number.isFinite(x)) return Number.POSITIVE_INFINITY;
  if (x <= 0 && Number.isInteger(x)) return Number.POSITIVE_INFINITY;
  if (Math.abs(x) < 0.5) return lgamma(1 + x) - Math.log(Math.abs(x));
  if (x < 0) return Math.log(Math.PI / Math.abs(sinPi(x))) - lgamma(1 - x);
  if (x < 1.5) return lgammaAtTwo(x - 1) - Math.log1p(x - 1);
  if (x <= 2.5) return lgammaAtTwo(x - 2);
  if (x < LARGE) {
    let product = 1;
    let y = x;
    while (y > 2.5) {
      y -= 1;
      product *= y;
    }
    return Math.log(product) + lgammaAtTwo(y - 2);
  }
  let total = 0;
  for (let k = BERNOULLI.length; k >= 1; k--) {
    total = total / (x * x) + BERNOULLI[k - 1] / (2 * k * (2 * k - 1));
  }
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + total / x;
}

/** The derivative of `lgamma`. */
export function digamma(x: number): number {
  if (x <= 0) {
    if (Number.isInteger(x)) return Number.NaN;
    return digamma(1 - x) - Math.PI / tanPi(x);
  }
  let shifted = 0;
  let y = x;
  while (y < LARGE) {
    shifted += 1 / y;
    y += 1;
  }
  let total = 0;
  for (let k = BERNOULLI.length; k >= 1; k--)
    total = (total + BERNOULLI[k - 1] / (2 * k)) / (y * y);
  return Math.log(y) - 1 / (2 * y) - total - shifted;
}

/** The derivative of `digamma`. */
export function trigamma(x: number): number {
  if (x <= 0) {
    if (Number.isInteger(x)) return Number.POSITIVE_INFINITY;
    return (Math.PI / sinPi(x)) ** 2 - trigamma(1 - x);
  }
  let shifted = 0;
  let y = x;
  while (y < LARGE) {
    shifted += 1 / (y * y);
    y += 1;
  }
  let total = 0;
  for (let k = BERNOULLI.length; k >= 1; k--) total = (total + BERNOULLI[k - 1]) / (y * y);
  return (1 + total + 1 / (2 * y)) / y + shifted;
}

/** sin(pi x), |x| reduced without error. */
function sinPi(x: number): number {
  const whole = Math.round(x);
  const sine = Math.sin(Math.PI * (x - whole));
  return whole % 2 === 0 ? sine : -sine;
}

function tanPi(x: number): number {
  return Math.tan(Math.PI * (x - Math.round(x)));
}
