import {
  type Axis,
  checkAxis,
  digamma,
  exp,
  inFloat64,
  lgamma,
  logSumExp,
  type Operand,
  SurmiseError,
  sum,
  type Tensor,
  xLogY,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { sumAlong } from "../family/sums.ts";
import { parametersOf } from "../parameters.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { keepInUnit } from "../samplers/range.ts";
import { POSITIVE } from "../support/support.ts";

/** The divergence of one member from another. */
const divergence: ClosedForm = (q, p) => {
  const [a, b] = [q.parameters.concentration, p.parameters.concentration];
  return inFloat64([a, b], (a, b) => {
    const along = (x: Tensor) => sumAlong(x, q.dimensions);
    const height = (x: Tensor) => lgamma(along(x)).sub(along(lgamma(x)));
    const spread = a.sub(b).mul(digamma(a).sub(digamma(along(a))));
    return height(a).sub(height(b)).add(along(spread));
  });
};

/**
 * The Dirichlet distribution of shares x_k along `axis`, which sum to one: with concentrations a_k,
 *
 *     log p(x) = sum_k (a_k - 1) log x_k + log Gamma(sum_k a_k) - sum_k log Gamma(a_k),
 *
 * a density over all shares but one. A draw is made of gamma draws over their sum, with their
 * implicit derivatives. The axis is a dimension of the draw; a concentration without it is the same
 * for all.
 *
 * @throws SurmiseError if a known concentration is not positive, or the axis has one element only.
 *
 * @example sample("topics", dirichlet(0.1, topic))
 */
export function dirichlet(concentration: Operand, axis: Axis): Distribution {
  checkAxis("dirichlet", axis);
  if (axis.size < 2) {
    throw new SurmiseError(`dirichlet: axis ${axis} must have at least two elements`);
  }
  const given = parametersOf("dirichlet", { concentration }, { concentration: POSITIVE });
  const { concentration: a } = given.parameters;
  const total = sumAlong(a, [axis]);
  const along = (x: Tensor) => sumAlong(x, [axis]);
  const mean = () => a.div(total);
  return distribution({
    divergence: { form: divergence },
    name: "dirichlet",
    ...given,
    exponentialFamily: "dirichlet",
    dimensions: [axis],
    support: { kind: "simplex", axis },
    reparameterised: true,
    logProb: (x) =>
      inFloat64([x, a], (x, a) => {
        const height = lgamma(along(a)).sub(along(lgamma(a)));
        return sum(xLogY(a.sub(1), x), axis).add(height);
      }),
    sample: (key, axes) => {
      const { logDraw } = standardGamma(key, axes, a);
      return keepInUnit(exp(logDraw.sub(logSumExp(logDraw, axis))));
    },
    mean,
    variance: () => mean().mul(mean().neg().add(1)).div(total.add(1)),
    entropy: () =>
      inFloat64([a], (a) => {
        const whole = along(a);
        const logB = along(lgamma(a)).sub(lgamma(whole));
        const spread = whole.sub(axis.size).mul(digamma(whole));
        return logB.add(spread).sub(along(a.sub(1).mul(digamma(a))));
      }),
  });
}
