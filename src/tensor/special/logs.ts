/** Logarithms of sums and differences, arranged so that nothing cancels or overflows. */
import { checkArguments, TENSOR } from "../arguments/kinds.ts";
import { and } from "../bits.ts";
import {
  abs,
  exp,
  expm1,
  log,
  log1p,
  maximum,
  minimum,
  select,
  softplus,
  square,
} from "../math.ts";
import type { Tensor } from "../tensor.ts";

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

/** log(1 + x^2), also where x^2 overflows. */
export function log1pSquare(x: Tensor): Tensor {
  const size = abs(x);
  const [small, large] = [minimum(size, 1), maximum(size, 1)];
  return log1p(square(small.div(large))).add(log(large).mul(2));
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
  return select(isNear, log1p(select(isNear, apart, 0)), log(x.div(a)));
}

/** log(x / a) for x, a > 0, also where the quotient is too large or too small for a number. */
export function logQuotient(x: Tensor, a: Tensor): Tensor {
  const z = x.div(a);
  const isNumber = and(z.gt(0), z.lt(Number.POSITIVE_INFINITY));
  return select(isNumber, log(select(isNumber, z, 1)), log(x).sub(log(a)));
}
