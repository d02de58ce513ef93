import {
  betaProbability,
  digamma,
  fold,
  inFloat64,
  logBeta,
  logBetaProbability,
  maximum,
  minimum,
  type Operand,
  sigmoid,
  square,
  xLog1pY,
  xLogY,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { wide } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { keepInUnit } from "../samplers/range.ts";
import { CLOSED_UNIT, POSITIVE } from "../support/support.ts";

/** The divergence of one member from another. */
const divergence: ClosedForm = wide((q, p) => {
  const [a, b] = [q.alpha.sub(p.alpha), q.beta.sub(p.beta)];
  return logBeta(p.alpha, p.beta)
    .sub(logBeta(q.alpha, q.beta))
    .add(a.mul(digamma(q.alpha)))
    .add(b.mul(digamma(q.beta)))
    .sub(a.add(b).mul(digamma(q.alpha.add(q.beta))));
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
      inFloat64([x, a, b], (x, a, b) =>
        xLogY(a.sub(1), x)
          .add(xLog1pY(b.sub(1), x.neg()))
          .sub(logBeta(a, b)),
      ),
    sample: (key, axes) => {
      const one = standardGamma(fold(key, "alpha"), axes, a).logDraw;
      const other = standardGamma(fold(key, "beta"), axes, b).logDraw;
      return keepInUnit(sigmoid(one.sub(other)));
    },
    mean: () => a.div(a.add(b)),
    variance: () => a.mul(b).div(square(a.add(b)).mul(a.add(b).add(1))),
    cdf: (x) => inFloat64([x, a, b], (x, a, b) => betaProbability(a, b, maximum(minimum(x, 1), 0))),
    logCdf: (x) => inFloat64([x, a, b], (x, a, b) => logBetaProbability(a, b, x)),
    logSurvival: (x) =>
      inFloat64([x, a, b], (x, a, b) => logBetaProbability(b, a, x.neg().add(1), x)),
    entropy: () =>
      inFloat64([a, b], (a, b) => {
        const whole = a.add(b);
        return logBeta(a, b)
          .sub(a.sub(1).mul(digamma(a)))
          .sub(b.sub(1).mul(digamma(b)))
          .add(whole.sub(2).mul(digamma(whole)));
      }),
  });
}
