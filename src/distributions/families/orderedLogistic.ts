import {
  expm1,
  log,
  log1p,
  type Operand,
  softplus,
  type Tensor,
  uniform,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { type CutAxes, orderedCategories, type ScoreNoise } from "../orderedCategories.ts";

const LOGISTIC: ScoreNoise = {
  logMass: (above, below) => {
    const apart = log(expm1(below.sub(above)).neg());
    return apart.sub(softplus(above.neg())).sub(softplus(below));
  },
  logCdf: (x) => softplus(x.neg()).neg(),
  sample: (key, axes, dtype) => {
    const u = uniform(key, axes, dtype);
    return log(u).sub(log1p(u.neg()));
  },
};

/**
 * The category of a logistic variable around `location`, where the cutpoints c_1 < c_2 < ... along
 * `cut` divide the line (ordinal logistic regression, the proportional odds model): a position
 * along `category`, which has one element more than `cut`,
 *
 *     p(x = k) = sigmoid(c_k+1 - location) - sigmoid(c_k - location),  c_0 = -Infinity, c_K = Infinity.
 *
 * Its mean and variance are those of the position as a number.
 *
 * @throws SurmiseError if the cutpoints lack the axis `cut` or known ones do not increase, or the
 * sizes of the axes do not fit.
 *
 * @example observe("grade", orderedLogistic(score, cutpoints, { cut, category: grade }), grades)
 */
export function orderedLogistic(location: Operand, cutpoints: Tensor, axes: CutAxes): Distribution {
  return orderedCategories("orderedLogistic", location, cutpoints, axes, LOGISTIC);
}
