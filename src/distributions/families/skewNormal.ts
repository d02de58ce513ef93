import {
  abs,
  constant,
  exp,
  fold,
  HALF_LOG_2PI,
  inFloat64,
  integrateTail,
  log,
  log1mExp,
  logNormalCdf,
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
import { keepFinite } from "../samplers/range.ts";
import { POSITIVE, REAL } from "../support/support.ts";

/**
 * The skew normal distribution (Azzalini, Scandinavian Journal of Statistics 12, 1985): with z = (x - location) / scale
 * and a = `shape`, which leans it to the right where it is positive,
 *
 *     log p(x) = log 2 - z^2 / 2 - log(2 pi) / 2 - log scale + log Phi(a z).
 *
 * Of mean location + scale d sqrt(2 / pi) with d = a / sqrt(1 + a^2); a draw is location + scale (d |u| + sqrt(1 - d^2)
 * v) of two standard normals.
 *
 * @throws SurmiseError if a known `location` or `shape` is not finite or `scale` not positive.
 *
 * @example observe("delay", skewNormal(mode, spread, 4), delay)
 */
export function skewNormal(location: Operand, scale: Operand, shape: Operand): Distribution {
  const given = parametersOf(
    "skewNormal",
    { location, scale, shape },
    { location: REAL, scale: POSITIVE, shape: REAL },
  );
  const { location: m, scale: s, shape: a } = given.parameters;
  const root = sqrt(square(a).add(1));
  const lean = a.div(root);
  const shift = lean.mul(Math.sqrt(2 / Math.PI));
  return distribution({
    name: "skewNormal",
    ...given,
    support: REAL,
    reparameterised: true,
    logProb: (x) => logDensity(x.sub(m).div(s), a).sub(log(s)),
    sample: (key, axes) => {
      const [u, v] = ["size", "rest"].map((part) => standardNormal(fold(key, part), axes, m.dtype));
      return m.add(s.mul(lean.mul(abs(u)).add(v.div(root))));
    },
    mean: () => m.add(s.mul(shift)),
    variance: () => square(s).mul(square(shift).neg().add(1)),
    cdf: (x) => exp(logLower(x.sub(m).div(s), a)),
    logCdf: (x) => logLower(x.sub(m).div(s), a),
    logSurvival: (x) => logLower(m.sub(x).div(s), a.neg()),
  });
}

/** log p(z) of location 0 and scale 1. */
function logDensity(z: Tensor, a: Tensor): Tensor {
  const half = square(z)
    .mul(-0.5)
    .add(Math.LN2 - HALF_LOG_2PI);
  return half.add(logNormalCdf(a.mul(keepFinite(z))));
}

/** Further out squares are too large for numbers. */
const FAR = 1e150;

/**
 * log P(x <= z) of location 0 and scale 1: the integral over the tail in which z lies, left or right of the mode,
 * relative to the density at z, so that it falls from 1.
 */
function logLower(z: Tensor, a: Tensor): Tensor {
  return inFloat64([z, a], (far, a) => {
    const z = maximum(minimum(far, FAR), -FAR);
    const u = a.mul(z);
    const ratio = exp(square(u).mul(-0.5).sub(HALF_LOG_2PI).sub(logNormalCdf(u)));
    const slope = a.mul(ratio).sub(z);
    const isLeft = slope.gt(0);
    const step = select(isLeft, constant(-1, z.dtype), 1);
    const bend = select(u.mul(step).lt(0), constant(1, z.dtype), square(a).add(1));
    const scale = constant(2, z.dtype).div(abs(slope).add(sqrt(square(slope).add(bend.mul(2)))));
    const height = logDensity(z, a);
    const area = integrateTail((t) => exp(logDensity(z.add(step.mul(t)), a).sub(height)), scale);
    const tail = minimum(height.add(log(area)), 0);
    return select(isLeft, tail, log1mExp(tail.neg()));
  });
}
