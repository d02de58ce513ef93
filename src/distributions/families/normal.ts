import {
  HALF_LOG_2PI,
  log,
  logNormalCdf,
  normalCdf,
  type Operand,
  square,
  standardNormal,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { POSITIVE, REAL } from "../support/support.ts";
import { reachable, truncatedNormal } from "./truncatedNormal.ts";

/** log(sp/sq) + (sq^2 + (mq - mp)^2) / (2 sp^2) - 1/2. */
export const normalDivergence: ClosedForm = of((q, p) => {
  const ratio = q.sd.div(p.sd);
  const shift = q.mean.sub(p.mean).div(p.sd);
  return square(ratio).add(square(shift)).sub(1).mul(0.5).sub(log(ratio));
});

/**
 * The normal distribution with the given mean and standard deviation (not variance):
 *
 *     log p(x) = -((x - mean) / sd)^2 / 2 - log sd - log(2 pi) / 2,   x = mean + sd * noise.
 *
 * With event axes it is the multivariate normal of a diagonal covariance.
 *
 * @throws SurmiseError if a known `mean` is not finite or a known `sd` is not positive.
 *
 * @example sample("z", normal(0, 1).event(latent))
 */
export function normal(mean: Operand, sd: Operand): Distribution {
  const given = parametersOf("normal", { mean, sd }, { mean: REAL, sd: POSITIVE });
  const { mean: m, sd: s } = given.parameters;
  return distribution({
    divergence: { form: normalDivergence },
    name: "normal",
    ...given,
    support: REAL,
    reparameterised: true,
    locationScale: () => ({ location: m, scale: s }),
    logProb: (x) => square(x.sub(m).div(s)).mul(-0.5).sub(log(s)).sub(HALF_LOG_2PI),
    sample: (key, axes) => m.add(s.mul(standardNormal(key, axes, m.dtype))),
    mean: () => m,
    variance: () => square(s),
    cdf: (x) => normalCdf(x.sub(m).div(s)),
    logCdf: (x) => logNormalCdf(x.sub(m).div(s)),
    logSurvival: (x) => logNormalCdf(m.sub(x).div(s)),
    between: (bounds) => truncatedNormal(m, s, reachable(m, s, bounds)),
    entropy: () => log(s).add(HALF_LOG_2PI + 0.5),
  });
}
