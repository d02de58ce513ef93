/** Logarithms and exponentials of sums and differences, arranged so that nothing cancels or overflows. */
import { checkArguments, TENSOR } from "../arguments/kinds.ts";
import { and } from "../bits.ts";
import { abs, exp, expm1, log, log1p, select, softplus, square } from "../math.ts";
import type { Tensor } from "../tensor.ts";
import { polynomial } from "./polynomial.ts";

/** log(1 / (1 + exp(-x))). */
export function logSigmoid(x: Tensor): Tensor {
  checkArguments("logSigmoid", { x }, TENSOR);
  return softplus(x.neg()).neg();
}

/** log(1 - exp(-x)) for x >= 0 (Maechler, "Accurately computing log(1 - exp(-|a|))", 2012). */
export function log1mExp(x: Tensor): Tensor {
  checkArguments("log1mExp", { x }, TENSOR);
  const small = x.lt(Math.LN2);
  return select(small, log(expm1(x.neg()).neg()), log1p(exp(x.neg()).neg()));
}

/** c log x, and 0 where c is 0, whatever x; its derivative by c is log x there, or 0 where that is not finite. */
export function xLogY(c: Tensor, x: Tensor): Tensor {
  checkArguments("xLogY", { c, x }, TENSOR);
  const hasLog = and(x.gt(0), x.lt(Number.POSITIVE_INFINITY));
  return c.mul(log(select(c.eq(0), select(hasLog, x, 1), x)));
}

/** log(1 + (x / a)^2) for a > 0, also where the quotient or its square is too large or too small for a number. */
export function log1pSquare(x: Tensor, a: Tensor): Tensor {
  const size = abs(x);
  const isFar = size.gt(a);
  // Not of the size, whose derivative at 0 is taken for 0, and with it the second one of what is made of it.
  const [small, large] = [select(isFar, a, x), select(isFar, size, a)];
  const beyond = select(isFar, logQuotient(size, select(isFar, a, size)), 0);
  return log1p(square(small.div(large))).add(beyond.mul(2));
}

/** c log(1 + x), and 0 where c is 0, whatever x; its derivative by c is as that of `xLogY`. */
export function xLog1pY(c: Tensor, x: Tensor): Tensor {
  const hasLog = and(x.gt(-1), x.lt(Number.POSITIVE_INFINITY));
  return c.mul(log1p(select(c.eq(0), select(hasLog, x, 0), x)));
}

/** log(x / a) for x, a > 0, to full relative accuracy where the two are close. */
export function logRatio(x: Tensor, a: Tensor): Tensor {
  const apart = x.sub(a).div(a);
  const isNear = abs(apart).lt(0.5);
  return select(isNear, log1p(select(isNear, apart, 0)), logQuotient(x, a));
}

/** Quotients between this and its inverse are far from the ends of the numbers of either type, and so are theirs. */
const FAR_QUOTIENT = 2 ** 50;

/** log(x / a) for x, a > 0, also where the quotient or its inverse is too large or too small for a number. */
export function logQuotient(x: Tensor, a: Tensor): Tensor {
  const z = x.div(a);
  const isNear = and(z.gt(1 / FAR_QUOTIENT), z.lt(FAR_QUOTIENT));
  const quotient = select(isNear, x, 1).div(select(isNear, a, 1));
  return select(isNear, log(quotient), log(x).sub(log(a)));
}

/** Coefficients of sinh(u) / u in powers of u^2: 1 / (2k + 1)!, exact to 1e-17 for |u| <= 1. */
const SINH = Array.from({ length: 9 }, (_, k) => 1 / factorial(2 * k + 1));

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** Coefficients of (exp(x) - 1 - x) / x^2 in powers of x: 1 / (k + 2)!, exact to 1e-17 for |x| <= 1/2. */
const BEYOND = Array.from({ length: 14 }, (_, k) => 1 / factorial(k + 2));

/** exp(x) - 1 - x, to full relative accuracy near 0 too, for `power`, which is exp(x). */
export function expBeyondLine(x: Tensor, power: Tensor): Tensor {
  const isNear = abs(x).lt(0.5);
  const near = select(isNear, x, 0);
  return select(isNear, square(near).mul(polynomial(near, BEYOND)), power.sub(1).sub(x));
}

/** (exp(x) - 1) / x, which is 1 at x = 0; its derivatives are exact near 0 too. */
export function expm1Quotient(x: Tensor): Tensor {
  const isNear = abs(x).lt(2);
  const half = select(isNear, x, 0).mul(0.5);
  const away = select(isNear, 2, x);
  const near = exp(half).mul(polynomial(square(half), SINH));
  return select(isNear, near, expm1(away).div(away));
}
