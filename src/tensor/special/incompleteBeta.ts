import { and } from "../bits.ts";
import { exp, expm1, log, log1p, maximum, minimum, select } from "../math.ts";
import { constant, type Tensor } from "../tensor.ts";
import { logBeta } from "./beta.ts";
import { lengthOf } from "./incompleteGamma.ts";
import { log1mExp } from "./logs.ts";
import { integrateTail } from "./quadrature.ts";

/**
 * I_x(a, b), the regularised incomplete beta function, for a, b > 0 and 0 <= x <= 1; `rest` is 1 -
 * x, where it is known better than from x. With t = x exp(-s), for x below the mean a / (a + b),
 *
 *     int_0^x t^(a-1) (1-t)^(b-1) dt = x^a (1-x)^(b-1) int exp(-a s) ((1 - x e^-s) / (1 - x))^(b-1) ds,
 *
 * and I_x(a, b) = 1 - I_(1-x)(b, a) above it.
 */
export function betaProbability(
  a: Tensor,
  b: Tensor,
  x: Tensor,
  rest: Tensor = x.neg().add(1),
): Tensor {
  const isBelow = x.mul(b).lt(rest.mul(a));
  const [shape, other] = [select(isBelow, a, b), select(isBelow, b, a)];
  const near = select(isBelow, x, rest);
  const far = select(isBelow, rest, x);
  const tail = lowerTail(shape, other, near, far);
  const value = select(isBelow, tail, tail.neg().add(1));
  const inside = and(x.gt(0), rest.gt(0));
  return select(inside, value, select(x.gt(0), constant(1, x.dtype), constant(0, x.dtype)));
}

/** The logarithm of `betaProbability`, also where that is too small for a number, for 0 < x < 1. */
export function logBetaProbability(
  a: Tensor,
  b: Tensor,
  x: Tensor,
  rest: Tensor = x.neg().add(1),
): Tensor {
  const isBelow = x.mul(b).lt(rest.mul(a));
  const [shape, other] = [select(isBelow, a, b), select(isBelow, b, a)];
  const [near, far] = [select(isBelow, x, rest), select(isBelow, rest, x)];
  const tail = logLowerTail(shape, other, near, far);
  return select(isBelow, tail, log1mExp(minimum(tail, 0).neg()));
}

/** I_x(a, b) for x <= a / (a + b), with y = 1 - x. */
function lowerTail(a: Tensor, b: Tensor, x: Tensor, y: Tensor): Tensor {
  return exp(logLowerTail(a, b, x, y));
}

function logLowerTail(a: Tensor, b: Tensor, x: Tensor, y: Tensor): Tensor {
  const odds = x.div(y);
  const slope = a.sub(b.sub(1).mul(odds));
  const curvature = maximum(b.sub(1), 0).mul(odds).div(y);
  const one = constant(1, a.dtype);
  const scale = maximum(lengthOf(maximum(slope, 0), curvature), one.div(a));
  const integral = integrateTail((s) => {
    const growth = log1p(odds.mul(expm1(s.neg()).neg()));
    return exp(b.sub(1).mul(growth).sub(a.mul(s)));
  }, scale);
  const logY = select(x.lt(0.5), log1p(minimum(x, 0.5).neg()), log(y));
  const logKernel = a.mul(log(x)).add(b.sub(1).mul(logY)).sub(logBeta(a, b));
  return logKernel.add(log(integral));
}
