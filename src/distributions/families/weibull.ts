import {
  exp,
  expm1,
  lgamma,
  log,
  log1mExp,
  logQuotient,
  maximum,
  type Operand,
  select,
  square,
  type Tensor,
  uniform,
  xLogY,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { wide } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { keepPositive } from "../samplers/range.ts";
import { NOT_NEGATIVE, POSITIVE } from "../support/support.ts";

/** exp(SMALL) is nothing beside 1. */
const SMALL = -40;
const EULER = 0.5772156649015329;

/** As `gumbel`, which minus the logarithms are: r = kp/kq and d = -kp log(sq/sp). */
const divergence: ClosedForm = wide((q, p) => {
  const ratio = p.shape.div(q.shape);
  const shift = p.shape.mul(log(q.scale.div(p.scale)));
  const tail = exp(lgamma(ratio.add(1)).add(shift));
  return tail.sub(shift).add(ratio.sub(1).mul(EULER)).sub(log(ratio)).sub(1);
});

/**
 * The Weibull distribution of shape k: with z = x / scale,
 *
 *     log p(x) = log k - log scale + (k - 1) log z - z^k,  x >= 0.
 *
 * @throws SurmiseError if a known `shape` or `scale` is not positive.
 *
 * @example observe("life", weibull(shape, scale), life)
 */
export function weibull(shape: Operand, scale: Operand): Distribution {
  const given = parametersOf("weibull", { shape, scale }, { shape: POSITIVE, scale: POSITIVE });
  const { shape: k, scale: s } = given.parameters;
  /** log z, and `otherwise` where x is 0. */
  const logZ = (x: Tensor, otherwise: number) =>
    select(x.gt(0), logQuotient(select(x.gt(0), x, 1), s), otherwise);
  // At 0 it has a slope for the shape 1 alone, of which there is a density there.
  const power = (x: Tensor) =>
    select(x.gt(0), exp(k.mul(logZ(x, 0))), select(k.eq(1), x.div(s), 0));
  const gammaAt = (n: number) => exp(lgamma(k.add(n).div(k)));
  return distribution({
    divergence: { form: divergence },
    name: "weibull",
    ...given,
    support: NOT_NEGATIVE,
    reparameterised: true,
    logProb: (x) => {
      const height = log(k).sub(log(s));
      return height
        .add(k.sub(1).mul(logZ(x, 0)))
        .add(select(x.gt(0), 0, xLogY(k.sub(1), x)))
        .sub(power(x));
    },
    sample: (key, axes) => {
      const hazard = log(uniform(key, axes, s.dtype)).neg();
      return keepPositive(s.mul(exp(log(hazard).div(k))));
    },
    mean: () => s.mul(gammaAt(1)),
    variance: () => square(s).mul(gammaAt(2).sub(square(gammaAt(1)))),
    cdf: (x) => expm1(power(maximum(x, 0)).neg()).neg(),
    logCdf: (x) => {
      // log(1 - exp(-exp(a))), which is a where exp(a) is too small for a number.
      const a = k.mul(logQuotient(x, s));
      const isSmall = a.lt(SMALL);
      return select(isSmall, a, log1mExp(exp(select(isSmall, SMALL, a))));
    },
    logSurvival: (x) => power(x).neg(),
    entropy: () =>
      k
        .sub(1)
        .div(k)
        .mul(EULER)
        .add(log(s.div(k)))
        .add(1),
  });
}
