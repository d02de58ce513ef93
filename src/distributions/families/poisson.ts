import {
  exp,
  expBeyondLine,
  expm1Quotient,
  floor,
  gammaProbabilities,
  inFloat64,
  log,
  logGammaProbabilities,
  logPoisson,
  logRatio,
  maximum,
  type Operand,
  select,
  type Tensor,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { type DistributionParameters, parametersOf } from "../parameters.ts";
import { poissonDraw } from "../samplers/counts.ts";
import { COUNT, NOT_NEGATIVE, REAL } from "../support/support.ts";

/** The divergence of one member from another. */
const divergence: ClosedForm = of((q, p) =>
  q.rate
    .mul(log(q.rate.div(p.rate)))
    .sub(q.rate)
    .add(p.rate),
);

/** The logarithm of a rate, where it is known better than the rate: a linear predictor. */
export interface LogRate {
  /** A real number. */
  readonly logRate: Operand;
}

/**
 * The number of events of which `rate` are expected:
 *
 *     log p(x) = x log rate - rate - log x!,  x = 0, 1, 2, ...
 *
 * The rate is given itself or by its logarithm, which is exact where the rate is too small or large for a number.
 *
 * @throws SurmiseError if a known `rate` is negative or `logRate` not finite.
 *
 * @example observe("accidents", poisson({ logRate: a.add(b.mul(x)) }), accidents)
 */
export function poisson(rate: Operand | LogRate): Distribution {
  const isLog = typeof rate === "object" && rate !== null && "logRate" in rate;
  const given: DistributionParameters = isLog
    ? parametersOf("poisson", { logRate: rate.logRate }, { logRate: REAL })
    : parametersOf("poisson", { rate }, { rate: NOT_NEGATIVE });
  const { logRate } = given.parameters;
  const r = isLog ? exp(logRate) : given.parameters.rate;
  /** `f` in float64, of the rate before it was rounded, where its logarithm is known. */
  const withRate = (x: Tensor, f: (x: Tensor, rate: Tensor) => Tensor) =>
    isLog ? inFloat64([x, logRate], (x, l) => f(x, exp(l))) : inFloat64([x, r], f);
  const logProb = (x: Tensor) => {
    // From a rate of x on, in float64, where the large terms cancel: less x (exp(d) - 1 - d), d = log(rate / x).
    const start = maximum(x, 1);
    const height = inFloat64([x, start], logPoisson);
    const d = isLog ? inFloat64([logRate, start], (l, s) => l.sub(log(s))) : logRatio(r, start);
    const density = height.sub(x.mul(expBeyondLine(d, r.div(start))));
    // So also where the rate is so small that it is 0.
    return select(x.eq(0), r.neg(), density);
  };
  return distribution({
    divergence: { form: divergence, parameters: { rate: r } },
    name: "poisson",
    ...given,
    support: COUNT,
    reparameterised: false,
    logProb,
    logProbOfSome: (x) =>
      logProb(x.sub(1))
        .sub(log(x))
        .sub(log(expm1Quotient(r.neg()))),
    sample: (key, axes) => poissonDraw(key, axes, r),
    mean: () => r,
    variance: () => r,
    cdf: (x) =>
      inFloat64([x, r], (x, r) => {
        const below = gammaProbabilities(maximum(floor(x), 0).add(1), r).above;
        return select(x.lt(0), 0, below);
      }),
    logCdf: (x) => withRate(x, (x, r) => logGammaProbabilities(floor(x).add(1), r).above),
    logSurvival: (x) => withRate(x, (x, r) => logGammaProbabilities(floor(x).add(1), r).below),
  });
}
