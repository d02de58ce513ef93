import {
  abs,
  erf,
  log,
  logNormalCdf,
  maximum,
  type Operand,
  square,
  standardNormal,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { NOT_NEGATIVE, POSITIVE } from "../support/support.ts";

const HALF_LOG_2_OVER_PI = 0.5 * Math.log(2 / Math.PI);

/** The divergence of one member from another. */
const divergence: ClosedForm = of((q, p) => {
  const ratio = q.scale.div(p.scale);
  return square(ratio).sub(1).mul(0.5).sub(log(ratio));
});

/**
 * The distribution of |y|, where y is normal with mean 0 and standard deviation `scale`:
 *
 *     log p(x) = -(x / scale)^2 / 2 - log scale + log(2 / pi) / 2,  x >= 0.
 *
 * @throws SurmiseError if a known `scale` is not positive.
 *
 * @example sample("spread", halfNormal(5))
 */
export function halfNormal(scale: Operand): Distribution {
  const given = parametersOf("halfNormal", { scale }, { scale: POSITIVE });
  const { scale: s } = given.parameters;
  return distribution({
    divergence: { form: divergence },
    name: "halfNormal",
    ...given,
    support: NOT_NEGATIVE,
    reparameterised: true,
    logProb: (x) => square(x.div(s)).mul(-0.5).sub(log(s)).add(HALF_LOG_2_OVER_PI),
    sample: (key, axes) => s.mul(abs(standardNormal(key, axes, s.dtype))),
    mean: () => s.mul(Math.sqrt(2 / Math.PI)),
    variance: () => square(s).mul(1 - 2 / Math.PI),
    cdf: (x) => erf(maximum(x, 0).div(s).mul(Math.SQRT1_2)),
    logSurvival: (x) => logNormalCdf(x.div(s).neg()).add(Math.LN2),
    entropy: () => log(s).add(0.5 - HALF_LOG_2_OVER_PI),
  });
}
