/** Limited-memory quasi-Newton ascent of a log density. */
import { dot } from "../../statistics/linear.ts";
import type { LogDensity } from "../logDensity.ts";

/** A point of a path of ascent. */
export interface AscentPoint {
  /** In unconstrained space, divided by the scales. */
  readonly position: Float64Array;
  /** The log density in nats. */
  readonly value: number;
  /** The derivative with respect to `position`. */
  readonly gradient: Float64Array;
}

/** A log density as a function of positions u with x = location + scales u. */
export interface ScaledDensity {
  /** How many numbers a position has. */
  readonly dimension: number;
  /** The point at a position; its value is NaN or infinite where the density is. */
  at(position: Float64Array): AscentPoint;
  /** The Hessian at a position, row-major. */
  hessian(position: Float64Array): Float64Array;
  /** The unconstrained numbers at a position. */
  unscaled(position: Float64Array): Float64Array;
}

/** `density` with positions measured from `location` in `scales`. */
export function scaledDensity(
  density: LogDensity,
  location: Float64Array,
  scales: Float64Array,
): ScaledDensity {
  const { dimension } = density;
  const place = new Float64Array(dimension);
  const moveTo = (position: Float64Array) => {
    for (let i = 0; i < dimension; i++) place[i] = location[i] + scales[i] * position[i];
    return place;
  };
  const unscaled = (position: Float64Array) => moveTo(position).slice();
  return {
    dimension,
    unscaled,
    at(position) {
      const gradient = new Float64Array(dimension);
      const value = density.evaluate(moveTo(position), gradient);
      for (let i = 0; i < dimension; i++) gradient[i] *= scales[i];
      return { position, value, gradient };
    },
    hessian: (position) =>
      density
        .hessian(unscaled(position))
        .map((x, at) => x * scales[Math.floor(at / dimension)] * scales[at % dimension]),
  };
}

/** Steps and gradient differences that an inverse Hessian is made of. */
export interface Correction {
  /** The step s. */
  readonly step: Float64Array;
  /** y: how much the gradient of minus the log density grew along it. */
  readonly change: Float64Array;
}

/** How many corrections make an inverse Hessian, as in Stan. */
const HISTORY = 5;
const MOST_ITERATIONS = 1000;
const LINE_SEARCHES = 30;
/** Armijo's and Wolfe's constants (Nocedal and Wright, "Numerical optimization", 2006, section 3.1). */
const SUFFICIENT = 1e-4;
const CURVATURE = 0.9;
/** A gain in nats, relative to the density, that is none. */
const RELATIVE_GAIN = 1e-12;
const GRADIENT = 1e-8;

/**
 * The points of L-BFGS from `start` (Nocedal and Wright, algorithm 7.4, with a line search for the weak Wolfe
 * conditions), `start` first, until the density rises no more. Points that are not finite are stepped back from. The
 * inverse Hessian before the corrections is a diagonal that learns from all of them (Gilbert and Lemarechal, "Some
 * numerical experiments with variable-storage quasi-Newton algorithms", 1989), so units of the numbers do not matter much.
 */
export function* ascent(density: ScaledDensity, start: AscentPoint): Generator<AscentPoint> {
  let here = start;
  yield here;
  const history: Correction[] = [];
  const alpha = new Float64Array(density.dimension);
  for (let k = 0; k < MOST_ITERATIONS; k++) {
    if (norm(here.gradient) < GRADIENT) return;
    let isSteepest = history.length === 0;
    let to = isSteepest
      ? undefined
      : lineSearch(density, here, quasiNewton(here.gradient, history, alpha), 1);
    if (to === undefined) {
      isSteepest = true;
      history.length = 0;
      alpha.fill(1);
      const steepness = norm(here.gradient);
      const direction = here.gradient.map((x) => x / steepness);
      to = lineSearch(density, here, direction, Math.min(1, steepness));
    }
    if (to === undefined) return;
    const correction = correctionOf(here, to);
    if (isCurved(correction)) {
      remember(history, correction);
      updateDiagonal(alpha, correction);
    }
    const gain = to.value - here.value;
    const isRest = gain <= RELATIVE_GAIN * Math.max(1, Math.abs(here.value));
    here = to;
    yield here;
    // Curvature from where the density was far steeper makes steps too short: an end is one without it, too.
    if (isRest && isSteepest) return;
    if (isRest) history.length = 0;
  }
}

/** The correction that a step from one point to the next gives. */
export function correctionOf(from: AscentPoint, to: AscentPoint): Correction {
  const { length } = to.position;
  const [step, change] = [new Float64Array(length), new Float64Array(length)];
  for (let i = 0; i < length; i++) {
    step[i] = to.position[i] - from.position[i];
    change[i] = from.gradient[i] - to.gradient[i];
  }
  return { step, change };
}

/** Whether the density is curved downwards along a step, so that a covariance can be made of it. */
export function isCurved({ step, change }: Correction): boolean {
  const squares = dot(change, change);
  return Number.isFinite(squares) && dot(step, change) > 1e-12 * squares;
}

/** Adds a correction to a history, which forgets the oldest. */
export function remember(history: Correction[], correction: Correction): void {
  history.push(correction);
  if (history.length > HISTORY) history.shift();
}

/** The diagonal of the inverse Hessian after a correction (algorithm 3 of Pathfinder). */
export function updateDiagonal(alpha: Float64Array, { step, change }: Correction): void {
  const b = dot(step, change);
  let [a, c] = [0, 0];
  for (let i = 0; i < alpha.length; i++) {
    a += alpha[i] * change[i] ** 2;
    c += step[i] ** 2 / alpha[i];
  }
  for (let i = 0; i < alpha.length; i++) {
    const x = alpha[i];
    const inverse = a / (b * x) + change[i] ** 2 / b - (a * step[i] ** 2) / (b * c * x ** 2);
    if (inverse > 0 && Number.isFinite(inverse)) alpha[i] = 1 / inverse;
  }
}

/** The inverse of minus the Hessian, as diagonal and history tell it, times the gradient (two-loop recursion). */
function quasiNewton(
  gradient: Float64Array,
  history: readonly Correction[],
  alpha: Float64Array,
): Float64Array {
  const q = gradient.slice();
  const factors: number[] = [];
  for (const { step, change } of [...history].reverse()) {
    const factor = dot(step, q) / dot(step, change);
    factors.push(factor);
    addTo(q, -factor, change);
  }
  for (let i = 0; i < q.length; i++) q[i] *= alpha[i];
  for (const { step, change } of history) {
    const factor = factors.pop() as number;
    addTo(q, factor - dot(change, q) / dot(step, change), step);
  }
  return q;
}

/** A point along `direction` that fulfils the weak Wolfe conditions, by bracketing and bisection. */
function lineSearch(
  density: ScaledDensity,
  from: AscentPoint,
  direction: Float64Array,
  firstLength: number,
): AscentPoint | undefined {
  const slope = dot(from.gradient, direction);
  if (!(slope > 0)) return undefined;
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  let length = firstLength;
  let best: AscentPoint | undefined;
  for (let k = 0; k < LINE_SEARCHES; k++) {
    const position = from.position.slice();
    addTo(position, length, direction);
    const to = density.at(position);
    const isRise =
      to.value >= from.value + SUFFICIENT * length * slope && to.gradient.every(Number.isFinite);
    if (!isRise) high = length;
    else {
      best = to;
      if (dot(to.gradient, direction) <= CURVATURE * slope) return to;
      low = length;
    }
    length = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
  }
  return best;
}

/** The Euclidean length, also where squares overflow. */
function norm(a: Float64Array): number {
  let largest = 0;
  for (const x of a) largest = Math.max(largest, Math.abs(x));
  if (largest === 0) return 0;
  let squares = 0;
  for (const x of a) squares += (x / largest) ** 2;
  return largest * Math.sqrt(squares);
}

/** x + factor y, in the place of x. */
export function addTo(x: Float64Array, factor: number, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i] += factor * y[i];
}
