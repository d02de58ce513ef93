import {
  AXIS,
  type Axis,
  cast,
  checkArguments,
  constant,
  describeAxes,
  exp,
  gatherClamped,
  index,
  type Key,
  type Operand,
  objectWith,
  SurmiseError,
  select,
  square,
  sum,
  TENSOR,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../tensor/internal.ts";
import type { Distribution } from "./distribution.ts";
import { distribution } from "./family/family.ts";
import { isInfinite } from "./logits.ts";
import { parametersOf } from "./parameters.ts";
import { REAL } from "./support/support.ts";

/** A standard distribution of what a score differs from its location by. */
export interface ScoreNoise {
  /** log(P(z <= above) - P(z <= below)), also of infinite ends. */
  logMass(above: Tensor, below: Tensor): Tensor;
  /** log P(z <= x). */
  logCdf(x: Tensor): Tensor;
  /** Independent draws. */
  sample(key: Key, axes: readonly Axis[], dtype: Tensor["dtype"]): Tensor;
}

/** The axes of cutpoints and of the categories that they divide the line into. */
export interface CutAxes {
  /** The axis of the cutpoints. */
  readonly cut: Axis;
  /** The axis of the categories, one more. */
  readonly category: Axis;
}

/** The category, by cutpoints, of a score: its location and noise. */
export function orderedCategories(
  name: string,
  location: Operand,
  cutpoints: Tensor,
  axes: CutAxes,
  noise: ScoreNoise,
): Distribution {
  checkArguments(name, { cutpoints }, TENSOR);
  checkArguments(name, { axes }, objectWith({ cut: AXIS, category: AXIS }));
  const { cut, category } = axes;
  if (category.size !== cut.size + 1) {
    throw new SurmiseError(
      `${name}: ${cut} cutpoints make ${cut.size + 1} categories, but category has ${category}`,
    );
  }
  if (!cutpoints.has(cut)) {
    throw new SurmiseError(
      `${name}: the cutpoints have axes ${describeAxes(cutpoints.axes)}, not '${cut.name}'`,
    );
  }
  const given = parametersOf(
    name,
    { location, cutpoints },
    { location: REAL, cutpoints: { kind: "ordered", axis: cut } },
  );
  const { location: m, cutpoints: c } = given.parameters;
  const { dtype } = m;
  // Of an infinite location the first or the last category is sure.
  const isSure = isInfinite(m);
  const finite = select(isSure, 0, m);
  const logMass = (k: Tensor): Tensor => {
    const isFirst = k.le(0);
    const isLast = k.ge(cut.size);
    const end = (at: Tensor) => gatherClamped(c, cut, at).sub(finite);
    const above = select(isLast, Number.POSITIVE_INFINITY, end(k));
    const below = select(isFirst, Number.NEGATIVE_INFINITY, end(k.sub(1)));
    const isIts = k.eq(select(m.gt(0), constant(cut.size, "int32"), 0));
    const sure = select(isIts, constant(0, dtype), Number.NEGATIVE_INFINITY);
    return select(isSure, sure, noise.logMass(above, below));
  };
  /** P(x > j) for each cutpoint j. */
  const beyond = exp(noise.logCdf(m.sub(c)));
  const positions = cast(index(cut), dtype);
  const mean = () => sum(beyond, cut);
  return distribution({
    name,
    ...given,
    axes: withoutAxes(unionAxes(m.axes, c.axes), [cut]),
    dtype: "int32",
    support: { kind: "index", axis: category },
    reparameterised: false,
    logProb: logMass,
    sample: (key, axes) => {
      const score = m.add(noise.sample(key, axes, dtype));
      return cast(sum(score.gt(c), cut), "int32");
    },
    mean,
    variance: () => sum(positions.mul(2).add(1).mul(beyond), cut).sub(square(mean())),
    cdf: (k) => {
      const inner = exp(noise.logCdf(gatherClamped(c, cut, k).sub(m)));
      return select(k.lt(0), 0, select(k.ge(cut.size), 1, inner));
    },
    logCdf: (k) => noise.logCdf(gatherClamped(c, cut, k).sub(m)),
    logSurvival: (k) => noise.logCdf(m.sub(gatherClamped(c, cut, k))),
    entropy: () => {
      const logs = logMass(index(category));
      return sum(select(exp(logs).eq(0), 0, exp(logs).mul(logs)), category).neg();
    },
  });
}
