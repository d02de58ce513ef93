import {
  checkArguments,
  constant,
  constantOfType,
  exp,
  fold,
  log1mExp,
  logAddExp,
  maximum,
  type NumberByType,
  select,
  sigmoid,
  square,
  type Tensor,
  uniform,
} from "../../tensor/internal.ts";
import { DISTRIBUTION, type Distribution } from "../distribution.ts";
import { composedOf } from "../family/composed.ts";
import { distribution } from "../family/family.ts";
import { logChances } from "../logits.ts";
import { type Chance, parametersWithChance } from "../parameters.ts";
import { truncated } from "./truncated.ts";
import { checkCounts } from "./zeroInflated.ts";

/** Where counts above 0 are 1 with more than this probability, the square of how often they are not is rounding. */
const HARDLY_MORE: NumberByType = { float32: 1 - 2 ** -12, float64: 1 - 2 ** -27 };

/**
 * A count that is 0 with probability h, given by h or its logit, and else comes from the part of `counts` above 0:
 *
 *     p(0) = h,   p(x) = (1 - h) p_counts(x) / (1 - p_counts(0)),  x = 1, 2, ...
 *
 * So zeros have a cause of their own, whereas `zeroInflated` adds some to those of `counts`. Event axes are added
 * afterwards.
 *
 * @throws SurmiseError if `counts` is not a distribution of counts or has event axes, or as `bernoulli`; where it is
 * drawn from, if `counts` has no distribution function.
 *
 * @example observe("visits", hurdle(negativeBinomial({ mean, dispersion: 0.5 }), { logits: never }), visits)
 */
export function hurdle(counts: Distribution, zero: Chance): Distribution {
  checkArguments("hurdle", { counts }, DISTRIBUTION);
  checkCounts("hurdle", counts);
  const { parameters, constraints, chance } = parametersWithChance(
    "hurdle",
    zero,
    {},
    {},
    counts.dtype,
  );
  const { logits } = parameters;
  const { logYes: logZero, logNo: logOther } = logChances({ logits, chance });
  /** log(1 - p_counts(0)). */
  const logSome = () => log1mExp(counts.logProb(constant(0, counts.dtype)).neg());
  /** log p of counts above 0 among these. */
  const logProbOfSome = (x: Tensor) =>
    counts.logProbOfSome?.(x) ?? counts.logProb(x).sub(logSome());
  /** The part of the counts above 0, which asks for their distribution function. */
  const positive = () => truncated(counts, { lower: 1 });
  /**
   * E[x^k] of a moment of `counts`. Counts that are hardly ever above 0 are 1 then or, rarely, 2: so also at a rate of 0, where
   * the quotient is of two zeros.
   */
  const moment = (k: 1 | 2, ofCounts: Tensor) => {
    const one = exp(logProbOfSome(constant(1, counts.dtype)));
    const isRare = one.gt(constantOfType(HARDLY_MORE, one.dtype));
    const rare = exp(logOther).mul(one.mul(1 - 2 ** k).add(2 ** k));
    return select(isRare, rare, exp(logOther.sub(logSome())).mul(ofCounts));
  };
  const mean = () => moment(1, counts.mean());
  return distribution({
    name: "hurdle",
    ...composedOf(counts, { zeroLogits: logits }, { zeroLogits: constraints.logits }),
    dtype: counts.dtype,
    support: counts.support,
    reparameterised: false,
    logProb: (x) => select(x.eq(0), logZero, logOther.add(logProbOfSome(maximum(x, 1)))),
    sample: (key, axes) => {
      const draw = positive().sample(fold(key, "count"), axes);
      return select(uniform(fold(key, "zero"), axes, draw.dtype).lt(sigmoid(logits)), 0, draw);
    },
    mean,
    variance: () => {
      const squares = counts.variance().add(square(counts.mean()));
      return moment(2, squares).sub(square(mean()));
    },
    cdf: (x) => {
      const below = sigmoid(logits).add(sigmoid(logits.neg()).mul(positive().cdf(x)));
      return select(x.lt(0), 0, below);
    },
    logCdf: (x) => logAddExp(logZero, logOther.add(positive().logCdf(x))),
    logSurvival: (x) => logOther.add(positive().logSurvival(x)),
  });
}
