import {
  floor,
  gammaProbabilities,
  inFloat64,
  lgamma,
  log,
  logGammaProbabilities,
  logRatio,
  maximum,
  type Operand,
  select,
} from "../../tensor/internal.ts";
import { type ClosedForm, type Distribution, distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { parametersOf } from "../parameters.ts";
import { poissonDraw } from "../samplers/counts.ts";
import { COUNT, POSITIVE } from "../support/support.ts";

/** The divergence of one member from another. */
const divergence: ClosedForm = of((q, p) =>
  q.rate
    .mul(log(q.rate.div(p.rate)))
    .sub(q.rate)
    .add(p.rate),
);

/**
 * The number of events of which `rate` are expected:
 *
 *     log p(x) = x log rate - rate - log x!,  x = 0, 1, 2, ...
 *
 * @throws SurmiseError if a known `rate` is not positive.
 *
 * @example observe("accidents", poisson(exp(logRate)), accidents)
 */
export function poisson(rate: Operand): Distribution {
  const given = parametersOf("poisson", { rate }, { rate: POSITIVE });
  const { rate: r } = given.parameters;
  return distribution({
    divergence: { form: divergence },
    name: "poisson",
    ...given,
    support: COUNT,
    reparameterised: false,
    logProb: (x) => {
      // Around a rate of x + 1/2, where the large terms cancel, in float64.
      const start = x.add(0.5);
      const height = inFloat64([x, start], (x, start) =>
        x
          .mul(log(start))
          .sub(start)
          .sub(lgamma(x.add(1))),
      );
      const apart = r.sub(start).div(start);
      const density = height.add(x.mul(logRatio(r, start).sub(apart))).sub(apart.mul(0.5));
      // So also where the rate is so small that it is 0.
      return select(x.eq(0), r.neg(), density);
    },
    sample: (key, axes) => poissonDraw(key, axes, r),
    mean: () => r,
    variance: () => r,
    cdf: (x) =>
      inFloat64([x, r], (x, r) => {
        const below = gammaProbabilities(maximum(floor(x), 0).add(1), r).above;
        return select(x.lt(0), 0, below);
      }),
    logCdf: (x) => inFloat64([x, r], (x, r) => logGammaProbabilities(floor(x).add(1), r).above),
    logSurvival: (x) =>
      inFloat64([x, r], (x, r) => logGammaProbabilities(floor(x).add(1), r).below),
  });
}
