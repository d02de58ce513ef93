/**
 * Laplace's approximation: a normal at the mode of the unconstrained log density, whose
 * covariance is the inverse of minus the Hessian there (MacKay, "Information theory,
 * inference and learning algorithms", 2003, chapter 27).
 */

import {
  type Axis,
  axis,
  fold,
  type Key,
  SurmiseError,
  standardNormal,
  sum,
  type Tensor,
  tensor,
} from "../../tensor/index.ts";
import { inverseTransposed } from "../statistics/linear.ts";
import type { LogDensity } from "./logDensity.ts";
import { modeNear, noMode, type Reached, steepestLatent } from "./modes/mode.ts";

/** Rows of the Hessian at most. */
const MAX_DIMENSION = 1000;

/** A normal over positions of a log density. */
export interface LaplaceApproximation {
  /** Its mean: the mode of the log density, in unconstrained space. */
  readonly mode: Float64Array;
  /** Row-major: a matrix M with M M^T the covariance. */
  readonly factor: Float64Array;
  /** The log evidence of the data in nats, were the normal exact. */
  readonly logEvidence: number;
}

/**
 * The mode of a log density near where a search has ended, and the normal there.
 *
 * @throws SurmiseError if there are more than 1000 unconstrained numbers, or no maximum is found.
 */
export function laplaceApproximation(density: LogDensity, found: Reached): LaplaceApproximation {
  const { dimension: size } = density;
  if (size > MAX_DIMENSION) {
    throw new SurmiseError(
      `laplace: the latents have ${size} unconstrained parameters in all, more than the ${MAX_DIMENSION} whose ` +
        "Hessian fits into a matrix: use vi",
    );
  }
  const mode = modeNear("laplace", density, found);
  if (mode === undefined) noMode("laplace", steepestLatent(density, found));
  const { point, position, precisionFactor: root } = mode;
  let logVolume = 0.5 * size * Math.log(2 * Math.PI);
  for (let i = 0; i < size; i++) logVolume += Math.log(found.scales[i] / root[i * size + i]);
  const factor = inverseTransposed(root, size);
  return {
    mode: position,
    factor: factor.map((x, at) => x * found.scales[Math.floor(at / size)]),
    logEvidence: point.value + logVolume,
  };
}

/** Draws of positions along `along`: float64 over it and the axis `unconstrained`. */
export function samplePositions(
  { mode, factor }: LaplaceApproximation,
  unconstrained: Axis,
  along: Axis,
  key: Key,
): Tensor {
  const noise = axis("noise", mode.length);
  const shift = sum(
    tensor(factor, [unconstrained, noise]).mul(
      standardNormal(fold(key, "laplace"), [along, noise], "float64"),
    ),
    noise,
  );
  return tensor(mode, [unconstrained]).add(shift);
}
