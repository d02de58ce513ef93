import {
  type Axis,
  exp,
  inFloat64,
  kernelNearMean,
  lgamma,
  log,
  logPoisson,
  maximum,
  type Operand,
  select,
  sum,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { multinomialDraw } from "../samplers/multinomial.ts";
import { COUNT, REAL } from "../support/support.ts";
import { normalised, type Weights } from "./categorical.ts";

/**
 * How often each position along `axis` comes up in n = `total` draws of `categorical(weights,
 * axis)`: with the normalised weights w_k,
 *
 *     log p(x) = log n! - sum_k log x_k! + sum_k x_k log w_k,  sum_k x_k = n.
 *
 * The axis comes with the weights and is a dimension of the draw.
 *
 * @throws SurmiseError if a known `total` is not a whole number of at least 0, or as `categorical`.
 *
 * @example observe("words", multinomial(length, { logits }, word), words)
 */
export function multinomial(total: Operand, weights: Weights, along?: Axis): Distribution {
  const { logits, axis } = normalised("multinomial", weights, along);
  const given = parametersOf("multinomial", { total, logits }, { total: COUNT, logits: REAL });
  const { total: n } = given.parameters;
  const probability = exp(logits);
  return distribution({
    name: "multinomial",
    ...given,
    dimensions: [axis],
    support: { kind: "counts", axis, total: n },
    reparameterised: false,
    logProb: (x) =>
      // Poisson counts of these means, less what their sum has of its own: so large terms cancel, and a sum of
      // probabilities that rounding left beside 1 has no weight.
      inFloat64([x, n, logits], (x, n, logits) => {
        const means = n.mul(exp(logits));
        const logMeans = logits.add(log(maximum(n, 1)));
        const direct = x
          .mul(select(x.eq(0), 0, logMeans))
          .sub(means)
          .sub(lgamma(x.add(1)));
        const some = maximum(x, 1);
        const { isNear, kernel } = kernelNearMean(some, means.sub(x).div(some));
        return sum(select(isNear, kernel.sub(log(some)), direct), axis).sub(logPoisson(n, n));
      }),
    sample: (key, axes) => multinomialDraw(key, withoutAxes(axes, [axis]), n, probability, axis),
    mean: () => n.mul(probability),
    variance: () => n.mul(probability).mul(probability.neg().add(1)),
  });
}
