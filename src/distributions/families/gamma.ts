import {
  exp,
  expBeyondLine,
  gammaEntropy,
  gammaProbabilities,
  inFloat64,
  kernelNearMean,
  lgamma,
  lgammaRise,
  log,
  logGammaProbabilities,
  logRatio,
  maximum,
  type Operand,
  select,
  type Tensor,
  xLogY,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution, Named } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { type DistributionSpec, distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { keepPositive, leastOf } from "../samplers/range.ts";
import { NOT_NEGATIVE, POSITIVE } from "../support/support.ts";

/**
 * (aq - ap) digamma(aq) - log Gamma(aq)/Gamma(ap) - ap log(bp/bq) + aq (bp/bq - 1): by the ratio of the means, of whose
 * size nothing is left where they are equal.
 */
export function gammaForm(q: Named, p: Named): Tensor {
  return inFloat64([q.shape, q.rate, p.shape, p.rate], (a, rateQ, b, rateP) => {
    const [shapes, rates] = [logRatio(a, b), logRatio(rateP, rateQ)];
    const means = b.mul(expBeyondLine(shapes.add(rates), rateP.div(rateQ).mul(a.div(b))));
    return means.add(lgammaRise(b, a));
  });
}

/** Of all families that are gamma in other words. */
export const gammaDivergence: ClosedForm = of(gammaForm);

/**
 * The gamma distribution of the given shape a and rate b (not scale), of mean a / b:
 *
 *     log p(x) = a log b + (a - 1) log x - b x - log Gamma(a),  x >= 0.
 *
 * Draws have the implicit derivative with respect to the shape.
 *
 * @throws SurmiseError if a known `shape` or `rate` is not positive.
 *
 * @example sample("precision", gamma(2, 0.1))
 */
export function gamma(shape: Operand, rate: Operand): Distribution {
  const given = parametersOf("gamma", { shape, rate }, { shape: POSITIVE, rate: POSITIVE });
  return distribution({
    name: "gamma",
    divergence: { form: gammaDivergence },
    ...given,
    ...gammaFamily(given.parameters),
  });
}

/** What is the same for all families that are gamma in other words. */
export function gammaFamily({
  shape: a,
  rate: b,
}: {
  readonly shape: Tensor;
  readonly rate: Tensor;
}): Omit<DistributionSpec, "name" | "parameters" | "constraints"> {
  return {
    support: NOT_NEGATIVE,
    reparameterised: true,
    exponentialFamily: "gamma",
    logProb: (x) =>
      inFloat64([x, a, b], (x, a, b) => {
        const mean = b.mul(x);
        const direct = a
          .mul(log(b))
          .add(xLogY(a.sub(1), x))
          .sub(mean)
          .sub(lgamma(a));
        const { isNear, kernel } = kernelNearMean(a, mean.sub(a).div(a));
        return select(isNear, kernel.sub(log(select(isNear, x, 1))), direct);
      }),
    sample: (key, axes) => {
      const { draw, logDraw } = standardGamma(key, axes, a);
      // A draw that ended at the least number may be another one over a small rate.
      const isLeast = draw.le(leastOf(draw));
      return keepPositive(select(isLeast, exp(logDraw.sub(log(b))), draw.div(b)));
    },
    mean: () => a.div(b),
    variance: () => a.div(b).div(b),
    cdf: (x) =>
      inFloat64([x, a, b], (x, a, b) => gammaProbabilities(a, maximum(x, 0).mul(b)).below),
    logCdf: (x) => inFloat64([x, a, b], (x, a, b) => logGammaProbabilities(a, x.mul(b)).below),
    logSurvival: (x) => inFloat64([x, a, b], (x, a, b) => logGammaProbabilities(a, x.mul(b)).above),
    entropy: () => inFloat64([a, b], (a, b) => gammaEntropy(a).sub(log(b))),
  };
}
