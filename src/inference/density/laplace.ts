/**
 * Laplace's approximation: a normal at the mode of the unconstrained log density, whose
 * covariance is the inverse of minus the Hessian there (MacKay, "Information theory,
 * inference and learning algorithms", 2003, chapter 27).
 */

import { compile } from "../../runtime/index.ts";
import {
  type Axis,
  axis,
  fold,
  type Key,
  key,
  SurmiseError,
  standardNormal,
  sum,
  type Tensor,
  tensor,
} from "../../tensor/index.ts";
import { cholesky, inverseTransposed, solve } from "../guides/cholesky.ts";
import type { LogDensity } from "./logDensity.ts";
import { noMode, type Reached, steepestLatent } from "./mode.ts";

/** Rows of the Hessian at most. */
const MAX_DIMENSION = 1000;
const NEWTON_STEPS = 50;

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
 * The mode of a log density, by damped Newton steps from where a search has ended, and the normal there.
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
  let here = pointAt(density, found.position);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const better = lineSearch(density, here, newtonStep(density, here));
    if (better === undefined) break;
    const gain = better.value - here.value;
    here = better;
    if (gain < 1e-9 * Math.max(1, Math.abs(here.value))) break;
  }
  const root = cholesky(negHessian(density, here), size);
  if (root === undefined) {
    noMode("laplace", steepestLatent(density, { ...found, position: here.position }));
  }
  const logRoot = Array.from({ length: size }, (_, i) => Math.log(root[i * size + i]));
  const logEvidence =
    here.value + 0.5 * size * Math.log(2 * Math.PI) - logRoot.reduce((a, b) => a + b, 0);
  return { mode: here.position, factor: inverseTransposed(root, size), logEvidence };
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

/**
 * log p(u) - log N(u) of `count` draws u of the approximation, in nats: what importance weights correct it by.
 */
export function laplaceRatios(
  density: LogDensity,
  { mode, factor, logEvidence }: LaplaceApproximation,
  count: number,
  seed: number,
): Float64Array {
  const { length: size } = mode;
  const [draw, number] = [axis("draw", count), axis("number", Math.max(1, size))];
  const noise = standardNormal(fold(key(seed), "laplace ratios"), [draw, number], "float64");
  const { data } = compile({ outputs: { noise } }, { steps: 1, dtype: "float64" }).run().noise;
  const [position, gradient] = [new Float64Array(size), new Float64Array(size)];
  const logVolume = logEvidence - density.evaluate(mode, gradient);
  return Float64Array.from({ length: count }, (_, d) => {
    position.set(mode);
    let squares = 0;
    for (let j = 0; j < size; j++) {
      const e = Number(data[d * size + j]);
      squares += e * e;
      for (let i = 0; i < size; i++) position[i] += factor[i * size + j] * e;
    }
    return density.evaluate(position, gradient) + logVolume + 0.5 * squares;
  });
}

interface Point {
  readonly position: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

function pointAt(density: LogDensity, position: Float64Array): Point {
  const gradient = new Float64Array(position.length);
  return { position, value: density.evaluate(position, gradient), gradient };
}

function negHessian(density: LogDensity, { position }: Point): Float64Array {
  return density.hessian(position).map((x) => -x);
}

/** An ascent step: Newton's where minus the Hessian is positive definite, else damped (Levenberg). */
function newtonStep(density: LogDensity, point: Point): Float64Array {
  const size = density.dimension;
  const curvature = negHessian(density, point);
  const largest = Math.max(
    ...Array.from({ length: size }, (_, i) => Math.abs(curvature[i * size + i])),
  );
  for (let damping = 0; ; damping = damping === 0 ? 1e-6 * largest + 1e-12 : 10 * damping) {
    const damped = curvature.slice();
    for (let i = 0; i < size; i++) damped[i * size + i] += damping;
    const root = cholesky(damped, size);
    if (root !== undefined) return solve(root, point.gradient);
    if (!Number.isFinite(damping)) {
      throw new SurmiseError("laplace: the Hessian of the log density is not finite");
    }
  }
}

/** Backtracking line search: the first of ever shorter steps that increases the density, if there is one. */
function lineSearch(density: LogDensity, from: Point, step: Float64Array): Point | undefined {
  for (let scale = 1; scale > 1e-4; scale /= 2) {
    const to = pointAt(
      density,
      from.position.map((x, i) => x + scale * step[i]),
    );
    if (to.value > from.value) return to;
  }
  return undefined;
}
