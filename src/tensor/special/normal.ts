/** The distribution function of the standard normal, its logarithm and its inverse. */
import { checkArguments, TENSOR } from "../arguments/kinds.ts";
import { abs, exp, log, log1p, minimum, select, sqrt, square } from "../math.ts";
import { constant, type Tensor } from "../tensor.ts";
import { distance } from "./distance.ts";
import { log1mExp } from "./logs.ts";
import { polynomial } from "./polynomial.ts";

/** log sqrt(2 pi): minus the log density of the standard normal at 0, in nats. */
export const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/**
 * (x + 4) m(x) in powers of (x - 4) / (x + 4), where m is Mills' ratio: a Chebyshev expansion, good
 * to 4e-16 (test/tensor/reference/coefficients.py), after Shepherd and Laframboise (Math. Comp. 36,
 * 1981).
 */
const MILLS = [
  1.8932190633084853, -1.5237709108199835, 0.9704095548675884, -0.4675409629983325,
  0.15139176231244347, -0.018900450861711257, -0.008722295274260125, 0.004087855681200072,
  0.0003342446162328441, -0.0005792693046478719, -4.783264259417208e-6, 8.809573121072337e-5,
  1.7963971214040778e-6, -1.4843277679080294e-5, -1.5787665654677373e-6, 2.568755311229722e-6,
  6.829633831673466e-7, -4.00493929251171e-7, -2.1774195022039326e-7, 4.473060051450323e-8,
  5.3711037651589576e-8, -1.4722998923746307e-9, -9.35134044482434e-9, -3.0073979672398766e-10,
  8.53083886026053e-10,
];

/** Mills' ratio (1 - Phi(x)) / phi(x) for x >= 0. */
export function millsRatio(x: Tensor): Tensor {
  const inverse = constant(1, x.dtype).div(x.add(4));
  return inverse.mul(polynomial(inverse.mul(-8).add(1), MILLS));
}

/** Phi(x), the probability below x, to full relative accuracy in the lower tail. */
export function normalCdf(x: Tensor): Tensor {
  checkArguments("normalCdf", { x }, TENSOR);
  const tail = exp(square(x).mul(-0.5).sub(HALF_LOG_2PI)).mul(millsRatio(distance(x)));
  return select(x.lt(0), tail, tail.neg().add(1));
}

/** log Phi(x). */
export function logNormalCdf(x: Tensor): Tensor {
  checkArguments("logNormalCdf", { x }, TENSOR);
  const logDensity = square(x).mul(-0.5).sub(HALF_LOG_2PI);
  const mills = millsRatio(distance(x));
  return select(x.lt(0), logDensity.add(log(mills)), log1p(exp(logDensity).mul(mills).neg()));
}

interface Quotient {
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
}

/** The three regions of algorithm AS 241 (PPND16). */
const CENTRE: Quotient = {
  numerator: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946,
    45921.95393154987, 67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  denominator: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597,
    39307.89580009271, 28729.085735721943, 5226.495278852854,
  ],
};
const SHOULDER: Quotient = {
  numerator: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045,
    1.2704582524523684, 0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  denominator: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008,
    0.015198666563616457, 0.0005475938084995345, 1.0507500716444169e-9,
  ],
};
const TAIL: Quotient = {
  numerator: [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487,
    0.026532189526576124, 0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  denominator: [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
    1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
  ],
};

const quotient = (x: Tensor, { numerator, denominator }: Quotient) =>
  polynomial(x, numerator).div(polynomial(x, denominator));

/**
 * The z with Phi(z) = p, from log p: Wichura, "Algorithm AS 241", Applied Statistics 37 (1988). To
 * 1e-15 of z down to p = 1e-316, which is z = -38; beyond, to 1e-11 at z = -60 and 1e-8 at z =
 * -100.
 */
export function normalQuantileOfLog(logP: Tensor): Tensor {
  const q = exp(logP).sub(0.5);
  const nearest = minimum(logP, log1mExp(logP.neg()));
  const r = sqrt(nearest.neg());
  const outer = select(r.le(5), quotient(r.sub(1.6), SHOULDER), quotient(r.sub(5), TAIL));
  const centre = q.mul(quotient(square(q).neg().add(0.180625), CENTRE));
  return select(abs(q).le(0.425), centre, select(q.lt(0), outer.neg(), outer));
}

/** The z with Phi(z) = p, for p between 0 and 1. */
export function normalQuantile(p: Tensor): Tensor {
  checkArguments("normalQuantile", { p }, TENSOR);
  return normalQuantileOfLog(log(p));
}
