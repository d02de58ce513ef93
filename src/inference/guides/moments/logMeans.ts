/** Gamma, beta and Dirichlet distributions from the expectations of their statistics: maximum likelihood, by Newton. */
import {
  type Axis,
  constant,
  digamma,
  exp,
  log,
  maximum,
  minimum,
  select,
  sqrt,
  square,
  sum,
  type Tensor,
  trigamma,
} from "../../../tensor/internal.ts";

/** Below, differences of logarithms are rounding. */
const LEAST = 1e-12;

/**
 * Shape and rate of the gamma distribution with the given E[x] and E[log x], float64: log a - digamma(a) is the
 * difference log E[x] - E[log x] (Minka, "Estimating a gamma distribution", 2002, whose steps are in 1 / a).
 */
export function gammaFromMeans(
  mean: Tensor,
  logMean: Tensor,
): { readonly shape: Tensor; readonly rate: Tensor } {
  const spread = maximum(log(mean).sub(logMean), LEAST);
  const root = sqrt(square(spread.sub(3)).add(spread.mul(24)));
  let shape = root.sub(spread).add(3).div(spread.mul(12));
  for (let turn = 0; turn < 4; turn++) {
    const missing = log(shape).sub(digamma(shape)).sub(spread);
    const inverse = constant(1, "float64").div(shape);
    const slope = square(shape).mul(inverse.sub(trigamma(shape)));
    const next = inverse.add(missing.div(slope));
    // Of a step to the other side of 0, half the way.
    shape = constant(1, "float64").div(maximum(next, inverse.div(2)));
  }
  return { shape, rate: shape.div(mean) };
}

/**
 * The concentrations of the Dirichlet distribution with the given E[log x_k], float64: of each part over its axis, or
 * of the tensors of a list, for a beta distribution. One step of Minka's fixed point ("Estimating a Dirichlet distribution",
 * 2000) from where the logarithms are nearly normal, then Newton's.
 */
export function dirichletFromLogMeans(logMeans: readonly Tensor[], axis?: Axis): readonly Tensor[] {
  const total = (xs: readonly Tensor[]) => {
    const each = xs.map((x) => (axis !== undefined && x.has(axis) ? sum(x, axis) : x));
    return each.reduce((a, b) => a.add(b));
  };
  const parts = axis?.size ?? logMeans.length;
  const missing = maximum(log(total(logMeans.map(exp))).neg(), LEAST);
  const height = digamma(constant((parts - 1) / 2, "float64").div(missing));
  let found = logMeans.map((logMean) => inverseDigamma(logMean.add(height)));
  for (let turn = 0; turn < 8; turn++) {
    const sumOfAll = total(found);
    const level = digamma(sumOfAll);
    const gradients = found.map((a, k) => level.sub(digamma(a)).add(logMeans[k]));
    const curvatures = found.map((a) => trigamma(a).neg());
    const weighted = total(gradients.map((g, k) => g.div(curvatures[k])));
    const inverses = total(curvatures.map((q) => constant(1, "float64").div(q)));
    const shared = weighted.div(constant(1, "float64").div(trigamma(sumOfAll)).add(inverses));
    found = found.map((a, k) => {
      const next = a.sub(gradients[k].sub(shared).div(curvatures[k]));
      return minimum(maximum(next, a.div(4)), a.mul(4));
    });
  }
  return found;
}

/** Where digamma is y, to a few percent (Minka, 2000, appendix C). */
function inverseDigamma(y: Tensor): Tensor {
  const small = y.lt(-2.22);
  const below = constant(-1, "float64").div(select(small, y, -2.22).add(EULER));
  return select(small, below, exp(minimum(y, 700)).add(0.5));
}

const EULER = 0.5772156649015329;
