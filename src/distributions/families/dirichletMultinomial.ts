import {
  type Axis,
  checkAxis,
  exp,
  fold,
  inFloat64,
  lgamma,
  logRising,
  logSumExp,
  type Operand,
  SurmiseError,
  sum,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { sumAlong } from "../family/sums.ts";
import { parametersOf } from "../parameters.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { multinomialDraw } from "../samplers/multinomial.ts";
import { COUNT, POSITIVE } from "../support/support.ts";

/**
 * How often each position along `axis` comes up in n = `total` draws, whose probabilities are themselves Dirichlet with
 * concentrations a_k of sum A: a multinomial that varies more,
 *
 *     log p(x) = log n! + log Gamma(A) - log Gamma(n + A) + sum_k [log Gamma(x_k + a_k) - log Gamma(a_k) - log x_k!].
 *
 * The axis is a dimension of the draw; a concentration without it is the same for all.
 *
 * @throws SurmiseError if a known `total` is not a whole number of at least 0 or a concentration not positive, or the
 * axis has one element only.
 *
 * @example observe("words", dirichletMultinomial(length, concentration, word), words)
 */
export function dirichletMultinomial(
  total: Operand,
  concentration: Operand,
  axis: Axis,
): Distribution {
  checkAxis("dirichletMultinomial", axis);
  if (axis.size < 2) {
    throw new SurmiseError(`dirichletMultinomial: axis ${axis} must have at least two elements`);
  }
  const given = parametersOf(
    "dirichletMultinomial",
    { total, concentration },
    { total: COUNT, concentration: POSITIVE },
  );
  const { total: n, concentration: a } = given.parameters;
  const along = (x: Tensor) => sumAlong(x, [axis]);
  const all = along(a);
  const share = a.div(all);
  return distribution({
    name: "dirichletMultinomial",
    ...given,
    dimensions: [axis],
    support: { kind: "counts", axis, total: n },
    reparameterised: false,
    logProb: (x) =>
      inFloat64([x, n, a], (x, n, a) => {
        const terms = logRising(a, x).sub(lgamma(x.add(1)));
        return sum(terms, axis)
          .add(lgamma(n.add(1)))
          .sub(logRising(along(a), n));
      }),
    sample: (key, axes) => {
      const { logDraw } = standardGamma(fold(key, "shares"), axes, a);
      const probability = exp(logDraw.sub(logSumExp(logDraw, axis)));
      return multinomialDraw(fold(key, "counts"), withoutAxes(axes, [axis]), n, probability, axis);
    },
    mean: () => n.mul(share),
    variance: () =>
      n
        .mul(share)
        .mul(share.neg().add(1))
        .mul(n.add(all).div(all.add(1))),
  });
}
