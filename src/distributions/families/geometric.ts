import {
  constant,
  exp,
  expm1,
  floor,
  log,
  maximum,
  minimum,
  select,
  softplus,
  type Tensor,
  uniform,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { logProbOfOutcomes } from "../logits.ts";
import { type Chance, parametersWithChance } from "../parameters.ts";
import { keepFinite } from "../samplers/range.ts";
import { COUNT } from "../support/support.ts";

/** Logits whose probability is 0, or 1, beside 1. */
const [SMALL, LARGE] = [-60, 80];

/** The mean number of failures times the log ratio of one, plus that of the success. */
const divergence: ClosedForm = of((q, p) => {
  const success = softplus(p.logits.neg()).sub(softplus(q.logits.neg()));
  const failure = softplus(p.logits).sub(softplus(q.logits));
  return success.add(exp(q.logits.neg()).mul(failure));
});

/**
 * The number of failures before the first success, which has probability p each time, given by p or
 * its logit:
 *
 *     log p(x) = log p + x log(1 - p),  x = 0, 1, 2, ...
 *
 * @throws SurmiseError as `bernoulli`.
 *
 * @example observe("misses", geometric({ probs: 0.3 }), misses)
 */
export function geometric(how: Chance): Distribution {
  const { chance, ...given } = parametersWithChance("geometric", how);
  const { logits: l } = given.parameters;
  const one = constant(1, l.dtype);
  const logProb = (x: Tensor) =>
    logProbOfOutcomes(one, x, { logits: l, chance }, (l) =>
      softplus(l.neg())
        .add(x.mul(softplus(l)))
        .neg(),
    );
  return distribution({
    divergence: { form: divergence },
    name: "geometric",
    ...given,
    support: COUNT,
    reparameterised: false,
    logProb,
    // After a failure all is as before.
    logProbOfSome: (x) => logProb(x.sub(1)),
    sample: (key, axes) =>
      keepFinite(
        floor(
          log(uniform(key, axes, l.dtype))
            .neg()
            .div(softplus(l)),
        ),
      ),
    mean: () => exp(l.neg()),
    variance: () => exp(l.neg()).mul(exp(l.neg()).add(1)),
    cdf: (x) => expm1(maximum(floor(x).add(1), 0).mul(softplus(l)).neg()).neg(),
    logSurvival: (x) => floor(x).add(1).mul(softplus(l)).neg(),
    entropy: () => {
      // log(1 + e) / e with e = exp(l), which is 1 where e is so small that its inverse overflows.
      const small = l.lt(SMALL);
      const between = minimum(maximum(l, SMALL), LARGE);
      const failures = select(small, 1, exp(between.neg()).mul(softplus(between)));
      return failures.add(softplus(l.neg()));
    },
  });
}
