import { cast, log, log1p, type Operand, sigmoid, softplus, uniform } from "../tensor/index.ts";
import {
  BETWEEN_0_AND_1,
  type Distribution,
  distribution,
  parameterTensors,
  REAL,
} from "./distribution.ts";

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
 * @throws SurmiseError if a number is not finite (`logits`) or not strictly between 0 and 1 (`probs`).
 *
 * @example observe("x", bernoulli({ logits: decode(z) }).event(pixel), images)
 */
export function bernoulli(
  given: { readonly logits: Operand } | { readonly probs: Operand },
): Distribution {
  const logits = "logits" in given ? fromLogits(given.logits) : fromProbs(given.probs);
  return distribution({
    name: "bernoulli",
    parameters: { logits },
    axes: logits.axes,
    dtype: logits.dtype,
    support: { kind: "binary" },
    reparameterised: false,
    logProb: (x) => x.mul(logits).sub(softplus(logits)),
    sample: (key, axes) => {
      const shown = uniform(key, axes, logits.dtype).lt(sigmoid(logits));
      return cast(shown, logits.dtype);
    },
    mean: () => sigmoid(logits),
    variance: () => sigmoid(logits).mul(sigmoid(logits.neg())),
  });
}

function fromLogits(logits: Operand) {
  return parameterTensors("bernoulli", { logits }, { logits: REAL }).logits;
}

function fromProbs(probs: Operand) {
  const p = parameterTensors("bernoulli", { probs }, { probs: BETWEEN_0_AND_1 }).probs;
  return log(p).sub(log1p(p.neg()));
}
