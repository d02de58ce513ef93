import {
  type Axis,
  checkAxis,
  digamma,
  exp,
  floor,
  gammaEntropy,
  heightOf,
  inFloat64,
  kernelNearMean,
  lgamma,
  lgammaRise,
  log,
  logSumExp,
  type Operand,
  SurmiseError,
  select,
  type Tensor,
  xLogY,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { shareRise } from "../divergences/form.ts";
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
    const [whole, given] = [along(a), along(b)];
    return along(shareRise(b, a, given, whole)).sub(lgammaRise(given, whole));
  });
};

/** Shares in steps of this are added up without rounding. */
const STEP = 2 ** -26;

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
        // Gamma densities of the parts of as many as there are, less that of their sum.
        const whole = along(a);
        const part = whole.mul(x);
        const direct = a
          .mul(log(whole))
          .add(xLogY(a.sub(1), x))
          .sub(part)
          .sub(lgamma(a));
        const { isNear, kernel } = kernelNearMean(a, part.sub(a).div(a));
        const parts = select(isNear, kernel.sub(log(select(isNear, x, 1))), direct);
        const steps = floor(x.div(STEP)).mul(STEP);
        const excess = along(steps)
          .sub(1)
          .add(along(x.sub(steps)));
        return along(parts).sub(heightOf(whole)).add(whole.mul(excess));
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
        const parts = along(gammaEntropy(a)).sub(gammaEntropy(whole));
        return parts.sub(digamma(whole).mul(axis.size - 1));
      }),
  });
}
