import {
  betaProbability,
  floor,
  inFloat64,
  intervalOf,
  log,
  logBetaProbability,
  maximum,
  minimum,
  type Operand,
  select,
  sigmoid,
  type Tensor,
} from "../../tensor/internal.ts";
import { binomialLogPmf, logSomeByOdds } from "../binomialLogPmf.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { forSameTotal } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { logChances, logProbOfOutcomes } from "../logits.ts";
import { type Chance, parametersWithChance } from "../parameters.ts";
import { binomialDraw } from "../samplers/counts.ts";
import { COUNT } from "../support/support.ts";
import { bernoulliDivergence } from "./bernoulli.ts";

/** Up to so many trials rounding in float32 moves the log density, by sqrt(n) roundings, by 1e-5 at most. */
const SMALL = 2 ** 14;

/** The logit of a probability that is 1 in either type. */
const SURE = 80;

/** The divergence of one member from another. */
const divergence: ClosedForm = forSameTotal((q, p) =>
  q.total.mul(bernoulliDivergence(q.logits, p.logits)),
);

/**
 * The number of successes in `total` trials, each with probability p, given by p or its logit:
 *
 *     log p(x) = log(n over x) + x log p + (n - x) log(1 - p),  x = 0, ..., n.
 *
 * @throws SurmiseError if a known `total` is not a whole number of at least 0, or as `bernoulli`.
 *
 * @example observe("deaths", binomial(animals, { logits }), deaths)
 */
export function binomial(total: Operand, how: Chance): Distribution {
  const { chance, ...given } = parametersWithChance("binomial", how, { total }, { total: COUNT });
  const { total: n, logits: l } = given.parameters;
  const isSmall = (intervalOf(n)?.high ?? Number.POSITIVE_INFINITY) <= SMALL;
  /** x of n, where what is large in float32 cancels in float64. */
  const logPmf = (x: Tensor, n: Tensor, l: Tensor) =>
    isSmall
      ? binomialLogPmf(x, n.sub(x), l)
      : inFloat64([x, n, l], (x, n, l) => binomialLogPmf(x, n.sub(x), l));
  const outcomes = (x: Tensor, n: Tensor) =>
    logProbOfOutcomes(x, n.sub(x), { logits: l, chance }, (l) => logPmf(x, n, l));
  return distribution({
    divergence: { form: divergence },
    name: "binomial",
    ...given,
    support: { kind: "count", most: n },
    reparameterised: false,
    logProb: (x) => outcomes(x, n),
    logProbOfSome: (x) => {
      // x C(n, x) = n C(n - 1, x - 1).
      const odds = minimum(l, SURE);
      const rarity = minimum(logChances({ logits: l, chance }).logNo.neg(), SURE);
      const some = rarity.add(logSomeByOdds(n, odds, rarity));
      return outcomes(x.sub(1), n.sub(1)).sub(log(x)).sub(some);
    },
    sample: (key, axes) => binomialDraw(key, axes, n, l),
    mean: () => n.mul(sigmoid(l)),
    variance: () => n.mul(sigmoid(l)).mul(sigmoid(l.neg())),
    cdf: (x) =>
      inFloat64([x, n, l], (x, n, l) => {
        const k = maximum(minimum(floor(x), n.sub(1)), 0);
        const rest = maximum(n.sub(k), 1);
        const below = betaProbability(rest, k.add(1), sigmoid(l.neg()), sigmoid(l));
        return select(x.lt(0), 0, select(x.ge(n), 1, below));
      }),
    logCdf: (x) =>
      inFloat64([x, n, l], (x, n, l) => {
        const k = floor(x);
        return logBetaProbability(n.sub(k), k.add(1), sigmoid(l.neg()), sigmoid(l));
      }),
    logSurvival: (x) =>
      inFloat64([x, n, l], (x, n, l) => {
        const k = floor(x);
        return logBetaProbability(k.add(1), n.sub(k), sigmoid(l), sigmoid(l.neg()));
      }),
  });
}
