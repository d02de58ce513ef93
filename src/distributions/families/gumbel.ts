import {
  exp,
  lgamma,
  log,
  log1mExp,
  maximum,
  type Operand,
  square,
  uniform,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { wide } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { POSITIVE, REAL } from "../support/support.ts";

/** Takes an infinite z with it, whose exponential it is lost beside. */
const LOWEST = -3e38;

const EULER = 0.5772156649015329;

/** With r = sq/sp and d = (mq - mp) / sp: d + exp(-d) Gamma(1 + r) + gamma (r - 1) - log r - 1. */
const divergence: ClosedForm = wide((q, p) => {
  const ratio = q.scale.div(p.scale);
  const shift = q.location.sub(p.location).div(p.scale);
  const tail = exp(lgamma(ratio.add(1)).sub(shift));
  return shift.add(tail).add(ratio.sub(1).mul(EULER)).sub(log(ratio)).sub(1);
});

/**
 * The Gumbel distribution of largest values: with z = (x - location) / scale,
 *
 *     log p(x) = -z - exp(-z) - log scale.
 *
 * @throws SurmiseError if a known `location` is not finite or a known `scale` is not positive.
 *
 * @example observe("flood", gumbel(level, 10), flood)
 */
export function gumbel(location: Operand, scale: Operand): Distribution {
  const given = parametersOf("gumbel", { location, scale }, { location: REAL, scale: POSITIVE });
  const { location: m, scale: s } = given.parameters;
  return distribution({
    divergence: { form: divergence },
    name: "gumbel",
    ...given,
    support: REAL,
    reparameterised: true,
    locationScale: () => ({ location: m, scale: s }),
    logProb: (x) => {
      const z = x.sub(m).div(s);
      return maximum(z, LOWEST).add(exp(z.neg())).add(log(s)).neg();
    },
    sample: (key, axes) => m.sub(s.mul(log(log(uniform(key, axes, m.dtype)).neg()))),
    mean: () => m.add(s.mul(EULER)),
    variance: () => square(s).mul(Math.PI ** 2 / 6),
    cdf: (x) => exp(exp(m.sub(x).div(s)).neg()),
    logCdf: (x) => exp(m.sub(x).div(s)).neg(),
    logSurvival: (x) => log1mExp(exp(m.sub(x).div(s))),
    entropy: () => log(s).add(EULER + 1),
  });
}
