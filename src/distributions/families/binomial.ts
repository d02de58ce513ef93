import {
  betaProbability,
  floor,
  inFloat64,
  logBetaProbability,
  maximum,
  minimum,
  type Operand,
  select,
  sigmoid,
} from "../../tensor/internal.ts";
import { binomialLogPmf } from "../binomialLogPmf.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { forSameTotal } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { logProbOfOutcomes } from "../logits.ts";
import { type Chance, parametersWithChance } from "../parameters.ts";
import { binomialDraw } from "../samplers/counts.ts";
import { COUNT } from "../support/support.ts";
import { bernoulliDivergence } from "./bernoulli.ts";

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
  return distribution({
    divergence: { form: divergence },
    name: "binomial",
    ...given,
    support: { kind: "count", most: n },
    reparameterised: false,
    logProb: (x) =>
      logProbOfOutcomes(x, n.sub(x), { logits: l, chance }, (l) => binomialLogPmf(x, n.sub(x), l)),
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
