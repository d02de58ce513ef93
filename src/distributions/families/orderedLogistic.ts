import {
  type Axis,
  cast,
  describeAxes,
  exp,
  expm1,
  gatherClamped,
  index,
  log,
  log1p,
  type Operand,
  SurmiseError,
  select,
  sigmoid,
  softplus,
  square,
  sum,
  type Tensor,
  uniform,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";
import { type Distribution, distribution } from "../distribution.ts";
import { parametersOf } from "../parameters.ts";
import { REAL } from "../support/support.ts";

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
export function orderedLogistic(
  location: Operand,
  cutpoints: Tensor,
  { cut, category }: { readonly cut: Axis; readonly category: Axis },
): Distribution {
  if (category.size !== cut.size + 1) {
    throw new SurmiseError(
      `orderedLogistic: ${cut} cutpoints make ${cut.size + 1} categories, but category has ${category}`,
    );
  }
  if (!cutpoints.has(cut)) {
    throw new SurmiseError(
      `orderedLogistic: the cutpoints have axes ${describeAxes(cutpoints.axes)}, not '${cut.name}'`,
    );
  }
  const given = parametersOf(
    "orderedLogistic",
    { location, cutpoints },
    { location: REAL, cutpoints: { kind: "ordered", axis: cut } },
  );
  const { location: m, cutpoints: c } = given.parameters;
  const { dtype } = m;
  const logMass = (k: Tensor): Tensor => {
    const isFirst = k.le(0);
    const isLast = k.ge(cut.size);
    const above = select(isLast, Number.POSITIVE_INFINITY, gatherClamped(c, cut, k).sub(m));
    const below = select(isFirst, Number.NEGATIVE_INFINITY, gatherClamped(c, cut, k.sub(1)).sub(m));
    const apart = log(expm1(below.sub(above)).neg());
    return apart.sub(softplus(above.neg())).sub(softplus(below));
  };
  /** P(x > j) for each cutpoint j. */
  const beyond = sigmoid(m.sub(c));
  const positions = cast(index(cut), dtype);
  const mean = () => sum(beyond, cut);
  return distribution({
    name: "orderedLogistic",
    ...given,
    axes: withoutAxes(unionAxes(m.axes, c.axes), [cut]),
    dtype: "int32",
    support: { kind: "index", axis: category },
    reparameterised: false,
    logProb: logMass,
    sample: (key, axes) => {
      const u = uniform(key, axes, dtype);
      const score = m.add(log(u).sub(log1p(u.neg())));
      return cast(sum(score.gt(c), cut), "int32");
    },
    mean,
    variance: () => sum(positions.mul(2).add(1).mul(beyond), cut).sub(square(mean())),
    cdf: (k) => {
      const inner = sigmoid(gatherClamped(c, cut, k).sub(m));
      return select(k.lt(0), 0, select(k.ge(cut.size), 1, inner));
    },
    logCdf: (k) => softplus(m.sub(gatherClamped(c, cut, k))).neg(),
    logSurvival: (k) => softplus(gatherClamped(c, cut, k).sub(m)).neg(),
    entropy: () => {
      const logs = logMass(index(category));
      return sum(exp(logs).mul(logs), category).neg();
    },
  });
}
