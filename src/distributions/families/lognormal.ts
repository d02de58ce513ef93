import {
  exp,
  expm1,
  HALF_LOG_2PI,
  log,
  logNormalCdf,
  normalCdf,
  type Operand,
  select,
  square,
  standardNormal,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { keepPositive } from "../samplers/range.ts";
import { POSITIVE, REAL } from "../support/support.ts";
import { normalDivergence } from "./normal.ts";

/** That of the logarithms; a form of its own, for a lognormal and a normal have none. */
const divergence: ClosedForm = (q, p) => normalDivergence(q, p);

/**
 * The distribution of exp(y), where y is normal with the given mean and standard deviation:
 *
 *     log p(x) = -((log x - mean) / sd)^2 / 2 - log sd - log(2 pi) / 2 - log x.
 *
 * @throws SurmiseError if a known `mean` is not finite or a known `sd` is not positive.
 *
 * @example sample("dose", lognormal(0, 0.5))
 */
export function lognormal(mean: Operand, sd: Operand): Distribution {
  const given = parametersOf("lognormal", { mean, sd }, { mean: REAL, sd: POSITIVE });
  const { mean: m, sd: s } = given.parameters;
  return distribution({
    divergence: { form: divergence },
    name: "lognormal",
    ...given,
    support: POSITIVE,
    reparameterised: true,
    locationScale: () => ({ location: m, scale: s }),
    logProb: (x) => {
      const y = log(x);
      return square(y.sub(m).div(s)).mul(-0.5).sub(log(s)).sub(y).sub(HALF_LOG_2PI);
    },
    sample: (key, axes) => keepPositive(exp(m.add(s.mul(standardNormal(key, axes, m.dtype))))),
    mean: () => exp(m.add(square(s).mul(0.5))),
    variance: () => expm1(square(s)).mul(exp(m.mul(2).add(square(s)))),
    cdf: (x) => {
      const below = normalCdf(
        log(select(x.gt(0), x, 1))
          .sub(m)
          .div(s),
      );
      return select(x.gt(0), below, 0);
    },
    logCdf: (x) => logNormalCdf(log(x).sub(m).div(s)),
    logSurvival: (x) => logNormalCdf(m.sub(log(x)).div(s)),
    entropy: () => m.add(log(s)).add(HALF_LOG_2PI + 0.5),
  });
}
