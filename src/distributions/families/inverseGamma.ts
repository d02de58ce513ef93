import {
  constant,
  digamma,
  exp,
  gammaEntropy,
  gammaProbabilities,
  inFloat64,
  kernelNearMean,
  lgamma,
  log,
  logGammaProbabilities,
  type Operand,
  select,
  square,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { keepPositive, leastOf } from "../samplers/range.ts";
import { POSITIVE } from "../support/support.ts";
import { gammaForm } from "./gamma.ts";

/** The divergence of one member from another. */
const divergence: ClosedForm = of((q, p) =>
  gammaForm({ shape: q.shape, rate: q.scale }, { shape: p.shape, rate: p.scale }),
);

/**
 * The distribution of 1 / y, where y is gamma with shape a and rate `scale`:
 *
 *     log p(x) = a log scale - (a + 1) log x - scale / x - log Gamma(a).
 *
 * The mean is finite for a > 1, the variance for a > 2. Draws have the implicit derivative with
 * respect to the shape.
 *
 * @throws SurmiseError if a known `shape` or `scale` is not positive.
 *
 * @example sample("variance", inverseGamma(3, 2))
 */
export function inverseGamma(shape: Operand, scale: Operand): Distribution {
  const given = parametersOf(
    "inverseGamma",
    { shape, scale },
    { shape: POSITIVE, scale: POSITIVE },
  );
  const { shape: a, scale: b } = given.parameters;
  const beyond = (n: number) => select(a.gt(n), a.sub(n), constant(0, a.dtype));
  return distribution({
    divergence: { form: divergence },
    name: "inverseGamma",
    ...given,
    support: POSITIVE,
    reparameterised: true,
    logProb: (x) =>
      inFloat64([x, a, b], (x, a, b) => {
        const mean = b.div(x);
        const direct = a
          .mul(log(b))
          .sub(a.add(1).mul(log(x)))
          .sub(mean)
          .sub(lgamma(a));
        const { isNear, kernel } = kernelNearMean(a, mean.sub(a).div(a));
        return select(isNear, kernel.sub(log(x)), direct);
      }),
    sample: (key, axes) => {
      const { draw, logDraw } = standardGamma(key, axes, a);
      const isLeast = draw.le(leastOf(draw));
      return keepPositive(select(isLeast, exp(log(b).sub(logDraw)), b.div(draw)));
    },
    mean: () => b.div(beyond(1)),
    variance: () => square(b.div(beyond(1))).div(beyond(2)),
    cdf: (x) =>
      inFloat64([x, a, b], (x, a, b) => {
        const positive = x.gt(0);
        const above = gammaProbabilities(a, b.div(select(positive, x, 1))).above;
        return select(positive, above, 0);
      }),
    logCdf: (x) => inFloat64([x, a, b], (x, a, b) => logGammaProbabilities(a, b.div(x)).above),
    logSurvival: (x) => inFloat64([x, a, b], (x, a, b) => logGammaProbabilities(a, b.div(x)).below),
    entropy: () => inFloat64([a, b], (a, b) => gammaEntropy(a).add(log(b)).sub(digamma(a).mul(2))),
  });
}
