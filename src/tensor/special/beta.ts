/**
 * Logarithms of the beta function and its relatives, exact also where one argument is much larger.
 */
import { checkArguments, TENSOR } from "../arguments/kinds.ts";
import { digamma, lgamma, log, log1p, select, square } from "../math.ts";
import { constant, type Tensor } from "../tensor.ts";
import { logQuotient } from "./logs.ts";
import { polynomial } from "./polynomial.ts";

/** B(2j) / (2j (2j - 1)): Stirling's series (Abramowitz and Stegun, 6.1.41). */
const STIRLING = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
];

/** From here on the series is exact to 1e-16. */
const LARGE = 8;

/** log Gamma(x) - (x - 1/2) log x + x - log(2 pi) / 2, for x >= 8. */
function stirlingSeries(x: Tensor): Tensor {
  const inverse = constant(1, x.dtype).div(x);
  return inverse.mul(polynomial(square(inverse), STIRLING));
}

/** log Gamma(x) - (x - 1/2) log x + x - log(2 pi) / 2 for x > 0: 1 / (12 x) and less. */
export function stirlingRemainder(x: Tensor): Tensor {
  const main = x.sub(0.5).mul(log(x)).sub(x);
  const direct = lgamma(x)
    .sub(main)
    .sub(0.5 * Math.log(2 * Math.PI));
  const isSmall = x.lt(LARGE);
  return select(isSmall, direct, stirlingSeries(select(isSmall, LARGE, x)));
}

/** The coefficients of the derivative of Stirling's series, in powers of 1 / x^2 from the first on. */
const STIRLING_SLOPE = STIRLING.map((c, j) => -(2 * j + 1) * c);

/** digamma(x) - log x for x > 0: -1 / (2 x) and less. */
export function digammaRemainder(x: Tensor): Tensor {
  const isSmall = x.lt(LARGE);
  const inverse = constant(1, x.dtype).div(select(isSmall, LARGE, x));
  const squared = square(inverse);
  const series = squared.mul(polynomial(squared, STIRLING_SLOPE)).sub(inverse.mul(0.5));
  return select(isSmall, digamma(x).sub(log(x)), series);
}

/**
 * log Gamma(b) - log Gamma(a) - (b - a) digamma(a) for a, b > 0, but for b log(b / a) - (b - a), which sums of such
 * differences have less of: what `stirlingRemainder` and `digammaRemainder` leave.
 */
export function lgammaRise(b: Tensor, a: Tensor): Tensor {
  const rest = stirlingRemainder(b).sub(stirlingRemainder(a));
  return rest.sub(logQuotient(b, a).mul(0.5)).sub(b.sub(a).mul(digammaRemainder(a)));
}

/**
 * log Gamma(x + n) - log Gamma(x) for x > 0 and n >= 0: for a whole n the logarithm of the rising
 * factorial x (x + 1) ... (x + n - 1). For x >= 8 by Stirling's series, where the difference of the
 * two would lose their size times the rounding.
 */
export function logRising(x: Tensor, n: Tensor): Tensor {
  const direct = lgamma(x.add(n)).sub(lgamma(x));
  const isSmall = x.lt(LARGE);
  const far = select(isSmall, LARGE, x);
  const main = far
    .sub(0.5)
    .mul(log1p(n.div(far)))
    .add(n.mul(log(far.add(n)).sub(1)));
  const rest = stirlingSeries(far.add(n)).sub(stirlingSeries(far));
  return select(isSmall, direct, main.add(rest));
}

/** log B(a, b) = log Gamma(a) + log Gamma(b) - log Gamma(a + b) for a, b > 0. */
export function logBeta(a: Tensor, b: Tensor): Tensor {
  checkArguments("logBeta", { a, b }, TENSOR);
  // The same formula of both where they are equal: half of a derivative each would be lost where one is a plain number.
  const isFew = a.le(b);
  const [small, large] = [select(isFew, a, b), select(isFew, b, a)];
  return lgamma(small).sub(logRising(large, small));
}

/** The logarithm of n over k, for 0 <= k <= n. */
export function logChoose(n: Tensor, k: Tensor): Tensor {
  checkArguments("logChoose", { n, k }, TENSOR);
  return log(n.add(1))
    .add(logBeta(n.sub(k).add(1), k.add(1)))
    .neg();
}
