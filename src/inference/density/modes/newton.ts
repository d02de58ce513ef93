/** Damped Newton steps to a mode, where a quasi-Newton ascent has ended. */
import { cholesky, dot, inverseTransposed, solve } from "../../statistics/linear.ts";
import { elboOf, type NormalApproximation } from "../pathfinder.ts";
import type { AscentPoint, ScaledDensity } from "./lbfgs.ts";
import type { Turns } from "./turns.ts";

/** In nats per unit of a scaled density. */
const LEVEL = 0.01;

/** Whether a density is level at a point: at a mode, a saddle point, or where it hardly depends on its numbers. */
export function isLevel({ gradient }: AscentPoint): boolean {
  return Math.sqrt(dot(gradient, gradient)) <= LEVEL;
}

const MOST_STEPS = 200;
/** A gain in nats, relative to the density, that is none. */
const RELATIVE_GAIN = 1e-12;

/** So little that a ridge of correlations of 1 - 1e-13 is gone along. */
const LEAST_DAMPING = 1e-14;

/** A mode and the curvature there. */
export interface Mode {
  /** The point of the mode. */
  readonly point: AscentPoint;
  /** The lower Cholesky factor of minus the Hessian there, row-major. */
  readonly precisionFactor: Float64Array;
}

/**
 * The maximum that damped Newton steps reach from a point, if minus the Hessian is positive definite there: Newton's
 * step where it is, else damped in the units of its diagonal (Marquardt), each made shorter until the density rises.
 */
export function* newtonMode(density: ScaledDensity, start: AscentPoint): Turns<Mode | undefined> {
  let point = start;
  let curvature = negHessian(density, point);
  for (let step = 0; step < MOST_STEPS; step++) {
    yield;
    const found = newtonStep(curvature, point);
    if (found === undefined) return undefined;
    const better = backtracked(density, point, found);
    if (better === undefined) break;
    const gain = better.value - point.value;
    point = better;
    curvature = negHessian(density, point);
    if (gain < RELATIVE_GAIN * Math.max(1, Math.abs(point.value))) break;
  }
  const precisionFactor = cholesky(curvature, density.dimension);
  return precisionFactor && { point, precisionFactor };
}

function negHessian(density: ScaledDensity, { position }: AscentPoint): Float64Array {
  return density.hessian(position).map((x) => -x);
}

/** An ascent step, of `curvature` minus the Hessian; undefined where that is not finite. */
function newtonStep(curvature: Float64Array, { gradient }: AscentPoint): Float64Array | undefined {
  const size = gradient.length;
  const diagonal = Float64Array.from({ length: size }, (_, i) =>
    Math.max(Math.abs(curvature[i * size + i]), Number.MIN_VALUE),
  );
  for (let damping = 0; damping < 1e12; damping = damping === 0 ? LEAST_DAMPING : 30 * damping) {
    const damped = curvature.slice();
    for (let i = 0; i < size; i++) damped[i * size + i] += damping * diagonal[i];
    const root = cholesky(damped, size);
    if (root !== undefined) return solve(root, gradient);
  }
  return undefined;
}

/** The first of ever shorter steps that increases the density, if there is one. */
function backtracked(
  density: ScaledDensity,
  from: AscentPoint,
  step: Float64Array,
): AscentPoint | undefined {
  for (let scale = 1; scale > 1e-6; scale /= 2) {
    const to = density.at(from.position.map((x, i) => x + scale * step[i]));
    if (to.value > from.value) return to;
  }
  return undefined;
}

/** The normal at a mode, with the inverse of minus the Hessian as covariance, and its bound. */
export function normalAtMode(
  density: ScaledDensity,
  { point, precisionFactor }: Mode,
  noise: readonly Float64Array[],
) {
  const n = density.dimension;
  const root = inverseTransposed(precisionFactor, n);
  const { position: mean } = point;
  const rows = Array.from({ length: n }, (_, i) => root.subarray(i * n, (i + 1) * n));
  let logScale = 0;
  for (let i = 0; i < n; i++) logScale -= Math.log(precisionFactor[i * n + i]);
  const normal: NormalApproximation = {
    mean,
    logScale,
    colour: (each) => mean.map((x, i) => x + dot(rows[i], each)),
    covariance: () =>
      Float64Array.from({ length: n * n }, (_, at) => dot(rows[Math.floor(at / n)], rows[at % n])),
    variances: () => mean.map((_, i) => dot(rows[i], rows[i])),
  };
  return { normal, elbo: elboOf(density, normal, noise) };
}
