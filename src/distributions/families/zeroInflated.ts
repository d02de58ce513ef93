import {
  checkArguments,
  describeAxes,
  expm1,
  fold,
  log1p,
  logAddExp,
  minimum,
  SurmiseError,
  select,
  sigmoid,
  square,
  type Tensor,
  uniform,
} from "../../tensor/internal.ts";
import { refuseMasked } from "../derived/masked.ts";
import { DISTRIBUTION, type Distribution } from "../distribution.ts";
import { composedOf } from "../family/composed.ts";
import { distribution } from "../family/family.ts";
import { logChances } from "../logits.ts";
import { type Chance, parametersWithChance } from "../parameters.ts";

/** Log probabilities below have an inverse that is no number in float32. */
const FAR = 80;

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
  checkArguments("zeroInflated", { counts }, DISTRIBUTION);
  checkCounts("zeroInflated", counts);
  const { parameters, constraints, chance } = parametersWithChance(
    "zeroInflated",
    extra,
    {},
    {},
    counts.dtype,
  );
  const zero = parameters.logits;
  const kept = sigmoid(zero.neg());
  const { logYes, logNo } = logChances({ logits: zero, chance });
  /** log(w + (1 - w) p) of a log p; with w itself it has a derivative where w is 0. */
  const inflated = (logP: Tensor) => {
    const summed = logAddExp(logYes, logNo.add(logP));
    if (chance === undefined) return summed;
    const near = logP.add(log1p(chance.mul(expm1(minimum(logP.neg(), FAR)))));
    return select(logP.gt(-FAR), near, summed);
  };
  return distribution({
    name: "zeroInflated",
    ...composedOf(counts, { zeroLogits: zero }, { zeroLogits: constraints.logits }),
    dtype: counts.dtype,
    support: counts.support,
    reparameterised: false,
    logProb: (x) => {
      const logP = counts.logProb(x);
      return select(x.eq(0), inflated(logP), logNo.add(logP));
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
    logCdf: (x) => inflated(counts.logCdf(x)),
    logSurvival: (x) => logNo.add(counts.logSurvival(x)),
  });
}

/** @throws SurmiseError unless draws of `counts` are single counts. */
export function checkCounts(word: string, counts: Distribution): void {
  refuseMasked(word, counts);
  const { name, support, eventAxes } = counts;
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
