import {
  and,
  betaProbability,
  digamma,
  fold,
  gammaEntropy,
  heightOf,
  inFloat64,
  kernelNearMean,
  lgammaRise,
  log,
  log1p,
  logBeta,
  logBetaProbability,
  maximum,
  minimum,
  type Operand,
  select,
  sigmoid,
  type Tensor,
  xLog1pY,
  xLogY,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { shareRise, wide } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { keepInUnit } from "../samplers/range.ts";
import { CLOSED_UNIT, POSITIVE } from "../support/support.ts";

/** The divergence of one member from another: that of two gammas, less that of their sums, as of Dirichlets. */
const divergence: ClosedForm = wide((q, p) => {
  const [whole, given] = [q.alpha.add(q.beta), p.alpha.add(p.beta)];
  const rise = (b: Tensor, a: Tensor) => shareRise(b, a, given, whole);
  return rise(p.alpha, q.alpha).add(rise(p.beta, q.beta)).sub(lgammaRise(given, whole));
});

/**
 * The beta distribution on the unit interval, of mean a / (a + b) with a = alpha and b = beta:
 *
 *     log p(x) = (a - 1) log x + (b - 1) log(1 - x) - log B(a, b).
 *
 * A draw is the share of one gamma draw in the sum of two, with their implicit derivatives.
 *
 * @throws SurmiseError if a known `alpha` or `beta` is not positive.
 *
 * @example sample("rate", beta(1, 1))
 */
export function beta(alpha: Operand, beta: Operand): Distribution {
  const given = parametersOf("beta", { alpha, beta }, { alpha: POSITIVE, beta: POSITIVE });
  const { alpha: a, beta: b } = given.parameters;
  return distribution({
    divergence: { form: divergence },
    name: "beta",
    ...given,
    exponentialFamily: "beta",
    support: CLOSED_UNIT,
    reparameterised: true,
    logProb: (x) =>
      inFloat64([x, a, b], (x, a, b) => {
        const direct = xLogY(a.sub(1), x)
          .add(xLog1pY(b.sub(1), x.neg()))
          .sub(logBeta(a, b));
        // Both shares of two gammas apart from their means by as much.
        const apart = x.mul(b).sub(x.neg().add(1).mul(a));
        const one = kernelNearMean(a, apart.div(a));
        const other = kernelNearMean(b, apart.neg().div(b));
        const isNear = and(one.isNear, other.isNear);
        const inside = select(isNear, x, 0.5);
        const volume = log(inside).add(log1p(inside.neg()));
        const kernels = one.kernel.add(other.kernel).sub(heightOf(a.add(b)));
        return select(isNear, kernels.sub(volume), direct);
      }),
    sample: (key, axes) => {
      const one = standardGamma(fold(key, "alpha"), axes, a).logDraw;
      const other = standardGamma(fold(key, "beta"), axes, b).logDraw;
      return keepInUnit(sigmoid(one.sub(other)));
    },
    mean: () => a.div(a.add(b)),
    variance: () => {
      const whole = a.add(b);
      return a.div(whole).mul(b.div(whole)).div(whole.add(1));
    },
    cdf: (x) => inFloat64([x, a, b], (x, a, b) => betaProbability(a, b, maximum(minimum(x, 1), 0))),
    logCdf: (x) => inFloat64([x, a, b], (x, a, b) => logBetaProbability(a, b, x)),
    logSurvival: (x) =>
      inFloat64([x, a, b], (x, a, b) => logBetaProbability(b, a, x.neg().add(1), x)),
    entropy: () =>
      inFloat64([a, b], (a, b) => {
        const whole = a.add(b);
        const parts = gammaEntropy(a).add(gammaEntropy(b));
        return parts.sub(gammaEntropy(whole)).sub(digamma(whole));
      }),
  });
}
