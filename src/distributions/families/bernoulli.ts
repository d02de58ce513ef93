import {
  cast,
  constant,
  select,
  sigmoid,
  softplus,
  type Tensor,
  uniform,
  xLog1pY,
  xLogY,
} from "../../tensor/internal.ts";
import { type ClosedForm, type Distribution, distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { type Chance, parametersWithChance } from "../parameters.ts";

/** With logits a of q and b of p: sigmoid(a) (a - b) - softplus(a) + softplus(b). */
export const bernoulliDivergence = (a: Tensor, b: Tensor): Tensor =>
  sigmoid(a).mul(a.sub(b)).sub(softplus(a)).add(softplus(b));

const divergence: ClosedForm = of((q, p) => bernoulliDivergence(q.logits, p.logits));

/**
 * The distribution of a coin that shows 1 with probability p and 0 otherwise, given by p or by its
 * logit l = log(p / (1 - p)):
 *
 *     log p(x) = x l - log(1 + exp(l)).
 *
 * Draws have the parameter's floating-point type; values may also be uint8 or int32. A value
 * strictly between 0 and 1, such as the grey of a pixel, gets the same formula, which then is minus
 * a cross entropy and not a normalised density.
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
      ? x.mul(logits).sub(softplus(logits))
      : xLogY(x, p).add(xLog1pY(constant(1, x.dtype).sub(x), p.neg()));
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
      p === undefined ? softplus(logits).sub(logits.mul(sigmoid(logits))) : logProbOf(p).neg(),
  });
}
