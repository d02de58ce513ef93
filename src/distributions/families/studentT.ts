import {
  constant,
  digammaRemainder,
  distance,
  exp,
  fold,
  inFloat64,
  log,
  log1mExp,
  log1p,
  log1pSquare,
  logBeta,
  logBetaProbability,
  logRising,
  maximum,
  minimum,
  type Operand,
  select,
  sqrt,
  square,
  standardNormal,
  type Tensor,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { keepFinite, keepPositive } from "../samplers/range.ts";
import { POSITIVE, REAL } from "../support/support.ts";

/**
 * Student's t distribution with n degrees of freedom, moved and stretched: with z = (x - location)
 * / scale,
 *
 *     log p(x) = log Gamma((n + 1) / 2) - log Gamma(n / 2) - log(n pi) / 2 - log scale
 *                - (n + 1) / 2 log(1 + z^2 / n).
 *
 * A draw is a normal one over the root of a gamma one, with the implicit derivative of the latter.
 * The mean exists for n > 1 (else NaN), the variance for n > 2 (infinite down to 1, else NaN).
 *
 * @throws SurmiseError if a known `degrees` or `scale` is not positive or `location` not finite.
 *
 * @example observe("y", studentT(4, line, noise), y)
 */
export function studentT(degrees: Operand, location: Operand, scale: Operand): Distribution {
  const given = parametersOf(
    "studentT",
    { degrees, location, scale },
    { degrees: POSITIVE, location: REAL, scale: POSITIVE },
  );
  const { degrees: n, location: m, scale: s } = given.parameters;
  return distribution({
    name: "studentT",
    ...given,
    support: REAL,
    reparameterised: true,
    locationScale: () => ({ location: m, scale: s }),
    logProb: (x) => logT(n, x.sub(m), s),
    sample: (key, axes) => {
      const { logDraw } = standardGamma(fold(key, "gamma"), axes, n.mul(0.5));
      const stretch = keepPositive(exp(log(n.mul(0.5)).sub(logDraw).mul(0.5)));
      const noise = standardNormal(fold(key, "normal"), axes, m.dtype);
      return keepFinite(m.add(s.mul(noise).mul(stretch)));
    },
    mean: () => select(n.gt(1), m, Number.NaN),
    variance: () => {
      const finite = square(s)
        .mul(n)
        .div(select(n.gt(2), n.sub(2), 1));
      const outside = select(n.gt(1), constant(Number.POSITIVE_INFINITY, n.dtype), Number.NaN);
      return select(n.gt(2), finite, outside);
    },
    cdf: (x) =>
      inFloat64([x, n, m, s], (x, n, m, s) => {
        const z = x.sub(m).div(s);
        const tail = exp(logTail(n, z));
        return select(z.lt(0), tail, tail.neg().add(1));
      }),
    logCdf: (x) => logLowerT(n, x.sub(m).div(s)),
    logSurvival: (x) => logLowerT(n, m.sub(x).div(s)),
    entropy: () =>
      inFloat64([n, s], (n, s) => {
        const half = constant(0.5, n.dtype);
        const [a, b] = [n.add(1).mul(0.5), n.mul(0.5)];
        const rest = digammaRemainder(a).sub(digammaRemainder(b));
        const spread = a.mul(log1p(constant(1, n.dtype).div(n)).add(rest));
        return spread.add(log(n).mul(0.5)).add(logBeta(b, half)).add(log(s));
      }),
  });
}

/** The log density of Student's t with n degrees of freedom and the given scale, so far from its location. */
export function logT(n: Tensor, x: Tensor, scale: Tensor): Tensor {
  const height = inFloat64([n], (n) => {
    const half = constant(0.5, n.dtype);
    return logRising(n.mul(0.5), half).sub(log(n.mul(Math.PI)).mul(0.5));
  });
  const root = sqrt(n);
  const reach = scale.mul(root);
  // A product too large for a number is beyond x, whose share of it is a number.
  const isBeyond = reach.eq(Number.POSITIVE_INFINITY);
  const share = select(isBeyond, x, 0).div(scale).div(root);
  const near = log1pSquare(select(isBeyond, 0, x), select(isBeyond, 1, reach));
  const tail = select(isBeyond, log1p(square(share)), near);
  return height.sub(n.add(1).mul(0.5).mul(tail)).sub(log(scale));
}

/** Below it, in units of the root of n if n < 1, the distribution function is a cubic up to rounding. */
const NEAR = 1e-4;

/** From here on the tail is z^-n up to rounding, and z^2 may be too large for a number. */
const FAR = 1e100;

/** log P(t <= -|z|) of Student's t with n degrees of freedom, float64. */
function logTail(n: Tensor, z: Tensor): Tensor {
  // The tail is half of I at n / (n + z^2), as a function of which it has no derivative at z = 0, though one by z.
  const isNear = distance(z).lt(sqrt(minimum(n, 1)).mul(NEAR));
  const near = distance(select(isNear, z, 0));
  const bend = square(near).mul(n.add(1)).div(n.mul(6)).neg().add(1);
  const rise = exp(logT(n, constant(0, n.dtype), constant(1, n.dtype)))
    .mul(near)
    .mul(bend);
  const away = select(isNear, 1, z);
  const far = maximum(distance(away).div(FAR), 1);
  const size = square(away.div(far));
  const total = size.add(n);
  const half = constant(0.5, n.dtype);
  const beyond = logBetaProbability(n.mul(0.5), half, n.div(total), size.div(total))
    .sub(Math.LN2)
    .sub(n.mul(log(far)));
  return select(isNear, log(half.sub(rise)), beyond);
}

/** log P(t <= z) of Student's t with n degrees of freedom. */
export function logLowerT(n: Tensor, z: Tensor): Tensor {
  return inFloat64([n, z], (n, z) => {
    const tail = logTail(n, z);
    return select(z.lt(0), tail, log1mExp(tail.neg()));
  });
}
