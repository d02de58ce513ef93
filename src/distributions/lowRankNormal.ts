import {
  AXIS,
  type Axis,
  checkArguments,
  fold,
  gatherClamped,
  listOf,
  log,
  optionsWith,
  square,
  standardNormal,
  sum,
  TENSOR,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../tensor/internal.ts";
import type { Distribution } from "./distribution.ts";
import { distribution } from "./family/family.ts";
import { sumAlong } from "./family/sums.ts";
import { parametersOf } from "./parameters.ts";
import { POSITIVE, REAL } from "./support/support.ts";

/** A normal with covariance diag(sd^2) + F F', F of a few columns (Ong, Nott and Smith, JCGS 2018). */
export interface LowRankNormal {
  /** Over the axes of a draw. */
  readonly mean: Tensor;
  /** The standard deviation of the independent part, positive, over the axes of a draw. */
  readonly sd: Tensor;
  /** Over `rank` and the axes of a draw. */
  readonly factor: Tensor;
  /** The columns of the factor. */
  readonly rank: Axis;
}

/**
 * The multivariate normal along `event` whose covariance is diagonal but for a few directions,
 *
 *     C = diag(sd^2) + sum_r w_r w_r^T,   x = mean + sd * noise + sum_r w_r * noise_r,
 *
 * with w_r the elements of `factor` along `rank`. Its density takes one direction after the other
 * (Sherman and Morrison 1950, and the matrix determinant lemma): with C_0 = diag(sd^2),
 *
 *     u_r = C_{r-1}^-1 w_r,  c_r = 1 + w_r . u_r,
 *     x . C^-1 x = sum (x / sd)^2 - sum_r (u_r . x)^2 / c_r,   log det C = sum log sd^2 + sum_r log c_r.
 *
 * @throws SurmiseError if a known parameter lies outside its set.
 */
export function lowRankNormal(options: LowRankNormal, ...event: readonly Axis[]): Distribution {
  checkArguments(
    "lowRankNormal",
    { options },
    optionsWith<LowRankNormal>({ mean: TENSOR, sd: TENSOR, factor: TENSOR, rank: AXIS }),
  );
  checkArguments("lowRankNormal", { event }, listOf(AXIS));
  const { mean, sd, factor, rank } = options;
  const given = parametersOf(
    "lowRankNormal",
    { mean, sd, factor },
    { mean: REAL, sd: POSITIVE, factor: REAL },
  );
  const { parameters } = given;
  const along = (x: Tensor) => sumAlong(x, event);
  const variances = square(parameters.sd);
  const directions: { readonly u: Tensor; readonly c: Tensor }[] = [];
  for (let r = 0; r < rank.size; r++) {
    const w = gatherClamped(parameters.factor, rank, r);
    const u = directions.reduce(
      (x, before) => x.sub(before.u.mul(along(before.u.mul(w)).div(before.c))),
      w.div(variances),
    );
    directions.push({ u, c: along(w.mul(u)).add(1) });
  }
  const logDeterminant = directions.reduce(
    (total, { c }) => total.add(log(c)),
    along(log(parameters.sd)).mul(2),
  );
  const size = event.reduce((n, a) => n * a.size, 1);
  return distribution({
    name: "lowRankNormal",
    ...given,
    axes: withoutAxes(unionAxes(...Object.values(parameters).map((x) => x.axes)), [rank]),
    dimensions: event,
    support: REAL,
    reparameterised: true,
    logProb: (value) => {
      const x = value.sub(parameters.mean);
      const squares = directions.reduce(
        (total, { u, c }) => total.sub(square(along(u.mul(x))).div(c)),
        along(square(x).div(variances)),
      );
      return squares
        .add(logDeterminant)
        .add(size * Math.log(2 * Math.PI))
        .mul(-0.5);
    },
    sample: (key, axes) => {
      const own = standardNormal(fold(key, "own"), axes, parameters.mean.dtype);
      const shared = standardNormal(
        fold(key, "shared"),
        [...withoutAxes(axes, event), rank],
        parameters.mean.dtype,
      );
      const moved = sum(parameters.factor.mul(shared), rank);
      return parameters.mean.add(parameters.sd.mul(own)).add(moved);
    },
    mean: () => parameters.mean,
    variance: () => variances.add(sum(square(parameters.factor), rank)),
  });
}
