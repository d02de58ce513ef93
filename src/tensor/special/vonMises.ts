/**
 * Integrals of exp(k (cos t - 1)) over a circle, the density of von Mises without its factor. With
 * tan(t / 2) = w tan(u / 2), where w = 1 / sqrt(1 + k / 2) narrows the circle to where the density
 * is, they are smooth in u for every concentration k.
 */
import { axis } from "../axis.ts";
import { abs, cos, exp, log, select, sin, sqrt, sum, tensor } from "../math.ts";
import { cast, constant, type Tensor } from "../tensor.ts";
import { atan } from "./atan.ts";
import { distance } from "./distance.ts";
import { integrateBetween } from "./quadrature.ts";

/** Half of the trapezoidal rule around the circle, cos u at its points, and the weights. */
const INTERVALS = 32;
const place = axis("#node", INTERVALS + 1);
const at = Array.from({ length: INTERVALS + 1 }, (_, k) => k / INTERVALS);
const COSINES = tensor(
  at.map((x) => Math.cos(Math.PI * x)),
  [place],
  "float64",
);
const WEIGHTS = tensor(
  at.map((x) => (x === 0 || x === 1 ? 0.5 : 1) / INTERVALS),
  [place],
  "float64",
);

interface Point {
  /** 1 - cos t. */
  readonly fall: Tensor;
  /** exp(k (cos t - 1)) dt / du. */
  readonly density: Tensor;
}

/** The point u, given by cos u. */
function pointAt(k: Tensor, cosine: Tensor): Point {
  const squareW = constant(1, k.dtype).div(k.mul(0.5).add(1));
  const near = cosine.add(1).mul(0.5);
  const far = cosine.neg().add(1).mul(0.5).mul(squareW);
  const total = near.add(far);
  const fall = far.div(total).mul(2);
  return { fall, density: exp(k.mul(fall).neg()).mul(sqrt(squareW)).div(total) };
}

/** u of an angle t between -pi and pi. */
function narrowed(k: Tensor, t: Tensor): Tensor {
  const half = distance(t).mul(0.5);
  const tangent = sin(half).div(cos(half));
  const u = atan(tangent.mul(sqrt(k.mul(0.5).add(1)))).mul(2);
  return select(t.lt(0), u.neg(), u);
}

/** Means over the circle: exp(-k) I0(k), and 1 - I1(k) / I0(k), the mean of 1 - cos t. */
function circle(k: Tensor): { readonly density: Tensor; readonly fall: Tensor } {
  const { fall, density } = pointAt(k, cast(COSINES, k.dtype));
  const weighted = density.mul(cast(WEIGHTS, k.dtype));
  const total = sum(weighted, place);
  return { density: total, fall: sum(weighted.mul(fall), place).div(total) };
}

/** Concentrations from which on the first term of the asymptotic series in 1 / k is the sum of all. */
const NORMAL = 1e14;

/** log I0(k) - k, the modified Bessel function of order 0, scaled, for k >= 0. To 1e-15. */
export function logBesselI0Scaled(k: Tensor): Tensor {
  const isFar = k.gt(NORMAL);
  const far = log(select(isFar, k, NORMAL).mul(2 * Math.PI)).mul(-0.5);
  return select(isFar, far, log(circle(select(isFar, NORMAL, k)).density));
}

/** 1 - I1(k) / I0(k), the circular variance of a von Mises distribution. */
export function circularVariance(k: Tensor): Tensor {
  const isFar = k.gt(NORMAL);
  const far = constant(0.5, k.dtype).div(select(isFar, k, NORMAL));
  return select(isFar, far, circle(select(isFar, NORMAL, k)).fall);
}

/** The probability of an angle between 0 and t, negative for t < 0, with -pi <= t <= pi. */
export function vonMisesProbability(k: Tensor, t: Tensor): Tensor {
  const u = narrowed(k, t);
  const integral = integrateBetween((x) => pointAt(k, cos(x)).density, constant(0, u.dtype), u);
  return integral.div(circle(k).density.mul(2 * Math.PI));
}

/**
 * dt / dk of the angle t at a constant probability, -(dF/dk) / f: for t > 0 the integral from t to
 * pi of (cos s - E cos) f(s) / f(t), and odd.
 */
export function vonMisesQuantileSlope(k: Tensor, t: Tensor): Tensor {
  const size = abs(t);
  const expected = circle(k).fall;
  const here = sin(size.mul(0.5));
  const scaled = exp(k.mul(here).mul(here).mul(2));
  const integral = integrateBetween(
    (u) => {
      const { fall, density } = pointAt(k, cos(u));
      return expected.sub(fall).mul(density.mul(scaled));
    },
    narrowed(k, size),
    constant(Math.PI, k.dtype),
  );
  return select(t.lt(0), integral.neg(), integral);
}
