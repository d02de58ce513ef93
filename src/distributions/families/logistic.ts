import {
  log,
  log1p,
  type Operand,
  sigmoid,
  softplus,
  square,
  uniform,
} from "../../tensor/index.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { POSITIVE, REAL } from "../support/support.ts";

/**
 * The logistic distribution, whose distribution function is sigmoid(z) with z = (x - location) /
 * scale:
 *
 *     log p(x) = -z - 2 log(1 + exp(-z)) - log scale.
 *
 * @throws SurmiseError if a known `location` is not finite or a known `scale` is not positive.
 *
 * @example sample("threshold", logistic(0, 1))
 */
export function logistic(location: Operand, scale: Operand): Distribution {
  const given = parametersOf("logistic", { location, scale }, { location: REAL, scale: POSITIVE });
  const { location: m, scale: s } = given.parameters;
  return distribution({
    name: "logistic",
    ...given,
    support: REAL,
    reparameterised: true,
    locationScale: () => ({ location: m, scale: s }),
    logProb: (x) => {
      const z = x.sub(m).div(s);
      return softplus(z).add(softplus(z.neg())).add(log(s)).neg();
    },
    sample: (key, axes) => {
      const u = uniform(key, axes, m.dtype);
      return m.add(s.mul(log(u).sub(log1p(u.neg()))));
    },
    mean: () => m,
    variance: () => square(s).mul(Math.PI ** 2 / 3),
    cdf: (x) => sigmoid(x.sub(m).div(s)),
    logCdf: (x) => softplus(m.sub(x).div(s)).neg(),
    logSurvival: (x) => softplus(x.sub(m).div(s)).neg(),
    entropy: () => log(s).add(2),
  });
}
