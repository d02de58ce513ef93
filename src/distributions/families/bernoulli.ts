import {
  cast,
  constant,
  constantOfType,
  maximum,
  minimum,
  type NumberByType,
  select,
  sigmoid,
  softplus,
  stopGradient,
  type Tensor,
  uniform,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { isInfinite, logProbOfChance } from "../logits.ts";
import { type Chance, parametersWithChance } from "../parameters.ts";

/**
 * With logits a of q and b of p: sigmoid(a) (a - b) - softplus(a) + softplus(b). Of a that is infinite, minus the log
 * probability of the sure outcome; of b alone, infinite.
 */
export function bernoulliDivergence(a: Tensor, b: Tensor): Tensor {
  const isSure = isInfinite(a);
  const outcome = softplus(select(a.gt(0), b.neg(), b));
  const [c, d] = [a, b].map((x) => select(isInfinite(x), 0, x));
  const known = sigmoid(c).mul(c.sub(d)).sub(softplus(c)).add(softplus(d));
  return select(isSure, outcome, select(isInfinite(b), Number.POSITIVE_INFINITY, known));
}

const divergence: ClosedForm = of((q, p) => bernoulliDivergence(q.logits, p.logits));

/** Logits beyond are taken for infinite. */
const FAR: NumberByType = { float32: 2 ** 126, float64: 2 ** 1022 };

/**
 * x l - log(1 + exp(l)), also of infinite l. Nothing is chosen on the way of the derivative, which would cost all that
 * the logits are made of a choice too.
 */
function logProbOfLogits(x: Tensor, l: Tensor): Tensor {
  const far = constantOfType(FAR, l.dtype);
  const near = maximum(minimum(l, far), far.neg());
  const found = x.mul(near).sub(softplus(near));
  const isImpossible = stopGradient(found).lt(far.mul(-1 / 4));
  return found.add(select(isImpossible, constant(Number.NEGATIVE_INFINITY, l.dtype), 0));
}

/**
 * The distribution of a coin that shows 1 with probability p and 0 otherwise, given by p or by its
 * logit l = log(p / (1 - p)):
 *
 *     log p(x) = x l - log(1 + exp(l)).
 *
 * Draws have the parameter's floating-point type; values may also be uint8 or int32. A value
 * strictly between 0 and 1, such as the grey of a pixel, gets the same formula, which then is minus
 * a cross entropy and not a normalised density. A logit that becomes infinite inside a program makes one outcome
 * sure: its log probability is 0, that of all else -Infinity, and their derivatives are 0.
 *
 * @throws SurmiseError if a known number is not finite (`logits`) or not strictly between 0 and 1
 * (`probs`).
 *
 * @example observe("x", bernoulli({ logits: decode(z) }).event(pixel), images)
 */
export function bernoulli(chance: Chance): Distribution {
  const { chance: p, ...given } = parametersWithChance("bernoulli", chance);
  const { logits } = given.parameters;
  // Of a p of 0 or 1, whose logit is infinite, the formula in p is right.
  const logProbOf = (x: Tensor) =>
    p === undefined
      ? logProbOfLogits(x, logits)
      : logProbOfChance(x, constant(1, x.dtype).sub(x), p);
  return distribution({
    divergence: { form: divergence },
    name: "bernoulli",
    ...given,
    support: { kind: "binary" },
    reparameterised: false,
    logProb: logProbOf,
    sample: (key, axes) => {
      const shown = uniform(key, axes, logits.dtype).lt(sigmoid(logits));
      return cast(shown, logits.dtype);
    },
    mean: () => sigmoid(logits),
    variance: () => sigmoid(logits).mul(sigmoid(logits.neg())),
    cdf: (x) => select(x.lt(0), 0, select(x.lt(1), sigmoid(logits.neg()), 1)),
    logCdf: () => softplus(logits).neg(),
    logSurvival: () => softplus(logits.neg()).neg(),
    entropy: () =>
      p === undefined
        ? select(isInfinite(logits), 0, softplus(logits).sub(logits.mul(sigmoid(logits))))
        : logProbOf(p).neg(),
  });
}
