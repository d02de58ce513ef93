/**
 * The distribution function of the gamma distribution and how its quantiles move with the shape.
 * Both are integrals of the density f over a tail, relative to the density at the end point x:
 *
 *     below x < a, with t = x exp(-s):  int f(t) dt = x f(x) int exp(-a s + x (1 - exp(-s))) ds
 *     above x > a, with t = x + s:      int f(t) dt = f(x) int exp((a - 1) log(1 + s / x) - s) ds
 *
 * where the exponents fall from 0, so that nothing overflows or cancels.
 */
import { and } from "../bits.ts";
import {
  abs,
  digamma,
  exp,
  expm1,
  log,
  log1p,
  maximum,
  minimum,
  select,
  sqrt,
  square,
} from "../math.ts";
import { constant, type Tensor } from "../tensor.ts";
import { digammaRemainder, stirlingRemainder } from "./beta.ts";
import { expBeyondLine, log1mExp, logRatio } from "./logs.ts";
import { integrateTail } from "./quadrature.ts";

/** The length over which exp(-slope s - curvature s^2 / 2) falls to 1 / e. */
export function lengthOf(slope: Tensor, curvature: Tensor): Tensor {
  const root = sqrt(square(slope).add(curvature.mul(2)));
  return constant(2, slope.dtype).div(slope.add(root));
}

/** The integral of g(log(t / x)) f(t) / (x f(x)) over t < x, for x <= a. */
function below(a: Tensor, x: Tensor, g: (step: Tensor) => Tensor | number): Tensor {
  const one = constant(1, a.dtype);
  const scale = maximum(lengthOf(a.sub(x), x), one.div(a));
  return integrateTail((s) => {
    const power = x.mul(expm1(s.neg())).add(a.mul(s));
    return exp(power.neg()).mul(g(s.neg()));
  }, scale);
}

/** The integral of g(log(t / x)) f(t) / (x f(x)) over t > x, for x >= a. */
function above(a: Tensor, x: Tensor, g: (step: Tensor) => Tensor | number): Tensor {
  const slope = x.sub(a).add(1).div(x);
  const curvature = maximum(a.sub(1), 0).div(square(x));
  const scale = maximum(lengthOf(slope, curvature), 1);
  const integral = integrateTail((s) => {
    const step = log1p(s.div(x));
    return exp(a.sub(1).mul(step).sub(s)).mul(g(step));
  }, scale);
  return integral.div(x);
}

/** Counts below are 0. */
const MIN_COUNT = 0.5;

/** log(x^a exp(-x) / Gamma(a)), arranged around x = a, where it is largest. */
function logKernel(a: Tensor, x: Tensor): Tensor {
  return heightOf(a).sub(a.mul(expBeyondLine(logRatio(x, a), x.div(a))));
}

/** log(a^a exp(-a) / Gamma(a)) for a > 0. */
export function heightOf(a: Tensor): Tensor {
  return log(a.mul(1 / (2 * Math.PI)))
    .mul(0.5)
    .sub(stirlingRemainder(a));
}

/** The entropy of a gamma distribution of shape a > 0 and rate 1, a + log Gamma(a) + (1 - a) digamma(a), in nats. */
export function gammaEntropy(a: Tensor): Tensor {
  return log(a)
    .sub(heightOf(a))
    .sub(a.sub(1).mul(digammaRemainder(a)));
}

/** Shapes from here on are large: at their means, terms of a log density are larger than their sum. */
const LARGE = 8;

/**
 * log(x^a exp(-x) / Gamma(a)) at x = a (1 + apart), with all that is large taken away on paper, where a is large and x
 * near it (`isNear`); elsewhere any number. Sums of other terms lose nothing that counts there.
 */
export function kernelNearMean(
  a: Tensor,
  apart: Tensor,
): { readonly isNear: Tensor; readonly kernel: Tensor } {
  const isNear = and(a.ge(LARGE), abs(apart).lt(0.5));
  const [shape, near] = [select(isNear, a, LARGE), select(isNear, apart, 0)];
  const fall = expBeyondLine(log1p(near), near.add(1));
  return { isNear, kernel: heightOf(shape).sub(shape.mul(fall)) };
}

/**
 * log(m^k exp(-m) / k!) for k >= 0 and m > 0, of Poisson's distribution: no large terms cancel, so that it is right
 * where the logarithm of k! has no digit left behind the point.
 */
export function logPoisson(k: Tensor, m: Tensor): Tensor {
  const isNone = k.lt(MIN_COUNT);
  const some = select(isNone, MIN_COUNT, k);
  return select(isNone, m.neg(), logKernel(some, m).sub(log(some)));
}

/** P(a, x) and 1 - P(a, x), the regularised incomplete gamma functions, for a > 0 and x >= 0. */
export function gammaProbabilities(a: Tensor, x: Tensor): { below: Tensor; above: Tensor } {
  const kernel = exp(logKernel(a, x));
  const isBelow = x.lt(a);
  const low = kernel.mul(below(a, select(isBelow, x, a), () => 1));
  const high = kernel.mul(above(a, select(isBelow, a, x), () => 1));
  return {
    below: select(isBelow, low, high.neg().add(1)),
    above: select(isBelow, low.neg().add(1), high),
  };
}

/** The logarithms of both, also where they are too small for a number. */
export function logGammaProbabilities(a: Tensor, x: Tensor): { below: Tensor; above: Tensor } {
  const kernel = logKernel(a, x);
  const isBelow = x.lt(a);
  const low = kernel.add(log(below(a, select(isBelow, x, a), () => 1)));
  const high = kernel.add(log(above(a, select(isBelow, a, x), () => 1)));
  const rest = log1mExp(minimum(select(isBelow, low, high), 0).neg());
  return { below: select(isBelow, low, rest), above: select(isBelow, rest, high) };
}

/**
 * d log z / da of the quantile z of a gamma distribution of shape a and rate 1 at a constant
 * probability, the implicit derivative of a draw (Figurnov, Mohamed and Mnih, NeurIPS 2018):
 *
 *     -(dF/da) / (z f(z)) = int_{t < z} (digamma(a) - log t) f(t) dt / (z f(z)),
 *
 * or minus the same integral over t > z, as the whole is zero.
 */
export function gammaQuantileSlope(a: Tensor, z: Tensor, logZ: Tensor): Tensor {
  const distance = digamma(a).sub(logZ);
  const low = below(a, minimum(z, a), (step) => distance.sub(step));
  const high = above(a, maximum(z, a), (step) => step.sub(distance));
  return select(z.lt(a), low, high);
}
