import {
  exp,
  expm1,
  lgamma,
  log,
  log1mExp,
  maximum,
  type Operand,
  select,
  square,
  type Tensor,
  uniform,
  xLogY,
} from "../../tensor/internal.ts";
import { type ClosedForm, type Distribution, distribution } from "../distribution.ts";
import { wide } from "../divergences/form.ts";
import { parametersOf } from "../parameters.ts";
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
  const power = (z: Tensor) => {
    const positive = z.gt(0);
    return select(positive, exp(k.mul(log(select(positive, z, 1)))), 0);
  };
  const gammaAt = (n: number) => exp(lgamma(k.add(n).div(k)));
  return distribution({
    divergence: { form: divergence },
    name: "weibull",
    ...given,
    support: NOT_NEGATIVE,
    reparameterised: true,
    logProb: (x) => {
      const z = x.div(s);
      return log(k)
        .sub(log(s))
        .add(xLogY(k.sub(1), z))
        .sub(power(z));
    },
    sample: (key, axes) => {
      const hazard = log(uniform(key, axes, s.dtype)).neg();
      return s.mul(exp(log(hazard).div(k)));
    },
    mean: () => s.mul(gammaAt(1)),
    variance: () => square(s).mul(gammaAt(2).sub(square(gammaAt(1)))),
    cdf: (x) => expm1(power(maximum(x, 0).div(s)).neg()).neg(),
    logCdf: (x) => {
      // log(1 - exp(-exp(a))), which is a where exp(a) is too small for a number.
      const a = k.mul(log(x.div(s)));
      return select(a.lt(SMALL), a, log1mExp(exp(maximum(a, SMALL))));
    },
    logSurvival: (x) => power(x.div(s)).neg(),
    entropy: () =>
      k
        .sub(1)
        .div(k)
        .mul(EULER)
        .add(log(s.div(k)))
        .add(1),
  });
}
