import {
  describeAxes,
  fold,
  logAddExp,
  SurmiseError,
  select,
  sigmoid,
  softplus,
  square,
  uniform,
} from "../../tensor/internal.ts";
import { type Distribution, distribution } from "../distribution.ts";
import { type Chance, parametersWithChance } from "../parameters.ts";

/**
 * A count that is 0 with an extra probability w, given by w or its logit, and else comes from
 * `counts`:
 *
 *     p(x) = w [x = 0] + (1 - w) p_counts(x).
 *
 * Event axes are added afterwards: zeroInflated(poisson(3), { probs: 0.2 }).event(day).
 *
 * @throws SurmiseError if `counts` is not a distribution of counts or has event axes, or as
 * `bernoulli`.
 *
 * @example observe("fish", zeroInflated(poisson(rate), { probs: idle }), fish)
 */
export function zeroInflated(counts: Distribution, extra: Chance): Distribution {
  checkCounts("zeroInflated", counts);
  const { parameters, constraints } = parametersWithChance(
    "zeroInflated",
    extra,
    {},
    {},
    counts.dtype,
  );
  const zero = parameters.logits;
  const kept = sigmoid(zero.neg());
  return distribution({
    name: "zeroInflated",
    composed: true,
    parameters: { ...counts.parameters, zeroLogits: zero },
    constraints: { ...counts.constraints, zeroLogits: constraints.logits },
    dtype: counts.dtype,
    support: counts.support,
    reparameterised: false,
    logProb: (x) => {
      const counted = counts.logProb(x).sub(softplus(zero));
      return select(x.eq(0), logAddExp(softplus(zero.neg()).neg(), counted), counted);
    },
    sample: (key, axes) => {
      const draw = counts.sample(fold(key, "count"), axes);
      return select(uniform(fold(key, "zero"), axes, draw.dtype).lt(sigmoid(zero)), 0, draw);
    },
    mean: () => kept.mul(counts.mean()),
    variance: () => {
      const spread = sigmoid(zero).mul(square(counts.mean()));
      return kept.mul(counts.variance().add(spread));
    },
    cdf: (x) => {
      const below = sigmoid(zero).add(kept.mul(counts.cdf(x)));
      return select(x.lt(0), 0, below);
    },
    logCdf: (x) => logAddExp(softplus(zero.neg()).neg(), counts.logCdf(x).sub(softplus(zero))),
    logSurvival: (x) => counts.logSurvival(x).sub(softplus(zero)),
  });
}

/** @throws SurmiseError unless draws of `counts` are single counts. */
export function checkCounts(word: string, { name, support, eventAxes }: Distribution): void {
  if (support.kind !== "count") {
    throw new SurmiseError(
      `${word}: a ${name} has no counts as draws; use poisson, negativeBinomial, ...`,
    );
  }
  if (eventAxes.length > 0) {
    throw new SurmiseError(
      `${word}: its ${name} has event axes ${describeAxes(eventAxes)}: write .event(...) after ${word}(...)`,
    );
  }
}
