/** What a mass matrix is to a sampler, and how it is learned while a chain warms up. */
import type { Slots } from "../memory.ts";
import type { Point } from "../transitions/point.ts";

/**
 * A linear map L of coordinates, q = L z, in which the mass matrix of z is the identity: L L' is the inverse mass
 * matrix of q (Stan's inverse metric), an estimate of the covariance of the posterior.
 */
export interface Metric {
  /** The diagonal of L if nothing is beside it. */
  readonly diagonal: Float64Array | undefined;
  /** out = L z. */
  times(z: Float64Array, out: Float64Array): void;
  /** out = L' g. */
  transposed(g: Float64Array, out: Float64Array): void;
}

/** How a metric follows from the points of a chain. All that it remembers lies in the chain's memory. */
export interface MetricEstimator {
  /** The present metric. */
  readonly metric: Metric;
  /** A metric to begin with, at the first point. */
  begin(start: Point): void;
  /** Takes a point into the present window. */
  observe(point: Point): void;
  /** The points with which the next window would begin. */
  readonly count: number;
  /** How many points it needs to say all that it can. */
  readonly leastWindow: number;
  /** How far from normal the points are, in [0, 1] (see `nonlinearity.ts`); undefined if it does not look. */
  readonly nonlinearity?: number;
  /** Makes the metric of the points of the window; false if it stays as it was. */
  update(): boolean;
  /** Forgets all points but those of the window that comes next. */
  nextWindow(): void;
}

/** Makes an estimator in the memory of a chain. */
export type MakeEstimator = (slots: Slots, dimension: number) => MetricEstimator;
