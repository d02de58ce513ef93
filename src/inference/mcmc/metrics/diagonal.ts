/** Diagonal metrics. */

import { RunningMoments } from "../../statistics/runningMoments.ts";
import type { Slots } from "../memory.ts";
import type { Point } from "../transitions/point.ts";
import type { Metric, MetricEstimator } from "./metric.ts";

/** L = diag(scale). */
export class DiagonalMetric implements Metric {
  /** The standard deviation that each element is taken to have. */
  readonly scale: Float64Array;

  constructor(slots: Slots, dimension: number) {
    this.scale = slots("metric", dimension);
  }

  /** The scale. */
  get diagonal(): Float64Array {
    return this.scale;
  }

  /** out_i = scale_i z_i. */
  times(z: Float64Array, out: Float64Array): void {
    const { scale } = this;
    for (let i = 0; i < out.length; i++) out[i] = scale[i] * z[i];
  }

  /** As `times`. */
  transposed(g: Float64Array, out: Float64Array): void {
    this.times(g, out);
  }
}

/** Of inverse masses. */
const [LEAST, MOST] = [1e-20, 1e20];
const LEAST_POINTS = 3;

/**
 * Inverse mass sqrt(var(draws) / var(gradients)), which minimises the Fisher divergence of a diagonal normal
 * (Seyboldt, Carlson and Carpenter, 2026, "Preconditioning Hamiltonian Monte Carlo by minimizing Fisher divergence",
 * arXiv 2603.18845; nutpie). Two windows overlap: the metric is that of the foreground; the background becomes the
 * foreground when the next window begins.
 */
export class FisherDiagonal implements MetricEstimator {
  /** Of the foreground, as it was at the last update. */
  readonly metric: DiagonalMetric;
  /** See `MetricEstimator`. */
  readonly leastWindow = LEAST_POINTS;
  private readonly foreground: Pair;
  private readonly background: Pair;

  constructor(slots: Slots, dimension: number) {
    this.metric = new DiagonalMetric(slots, dimension);
    this.foreground = new Pair(slots, "foreground", dimension);
    this.background = new Pair(slots, "background", dimension);
  }

  /** The points of the background, with which the next window would begin. */
  get count(): number {
    return this.background.count;
  }

  /** 1 / |gradient|. */
  begin({ gradient }: Point): void {
    const { scale } = this.metric;
    for (let i = 0; i < scale.length; i++) scale[i] = Math.sqrt(clamp(1 / Math.abs(gradient[i])));
  }

  /** Takes a draw and its gradient into both windows. */
  observe(point: Point): void {
    this.foreground.add(point);
    this.background.add(point);
  }

  /** From the foreground, if it has three points. */
  update(): boolean {
    const { draws, gradients, count } = this.foreground;
    if (count < this.leastWindow) return false;
    const { scale } = this.metric;
    for (let i = 0; i < scale.length; i++) {
      const inverseMass = Math.sqrt(draws.squares[i] / gradients.squares[i]);
      // Elements that have not moved, or whose gradient has not, say nothing.
      if (inverseMass > 0 && inverseMass < Number.POSITIVE_INFINITY) {
        scale[i] = Math.sqrt(clamp(inverseMass));
      }
    }
    return true;
  }

  /** The background becomes the foreground. */
  nextWindow(): void {
    this.foreground.copy(this.background);
    this.background.clear();
  }
}

/** Moments of draws and of their gradients. */
class Pair {
  readonly draws: RunningMoments;
  readonly gradients: RunningMoments;

  constructor(slots: Slots, name: string, dimension: number) {
    this.draws = new RunningMoments(slots, `${name} draws`, dimension);
    this.gradients = new RunningMoments(slots, `${name} gradients`, dimension);
  }

  get count(): number {
    return this.draws.count;
  }

  add({ position, gradient }: Point): void {
    this.draws.add(position);
    this.gradients.add(gradient);
  }

  copy({ draws, gradients }: Pair): void {
    this.draws.copy(draws);
    this.gradients.copy(gradients);
  }

  clear(): void {
    this.draws.clear();
    this.gradients.clear();
  }
}

function clamp(inverseMass: number): number {
  return Math.min(MOST, Math.max(LEAST, inverseMass));
}

/**
 * The variances of the draws of a window, regularised towards 1e-3 as Stan does: n / (n + 5) var + 1e-3 * 5 / (n + 5)
 * (Stan reference manual, "HMC algorithm parameters").
 */
export class VarianceDiagonal implements MetricEstimator {
  /** Of the last window that ended. */
  readonly metric: DiagonalMetric;
  /** See `MetricEstimator`. */
  readonly leastWindow = 2;
  private readonly window: RunningMoments;

  constructor(slots: Slots, dimension: number) {
    this.metric = new DiagonalMetric(slots, dimension);
    this.window = new RunningMoments(slots, "window", dimension);
  }

  /** The draws of the present window. */
  get count(): number {
    return this.window.count;
  }

  /** The identity. */
  begin(): void {
    this.metric.scale.fill(1);
  }

  /** Takes a draw in. */
  observe({ position }: Point): void {
    this.window.add(position);
  }

  /** From two draws on. */
  update(): boolean {
    const { count: n, squares } = this.window;
    if (n < this.leastWindow) return false;
    const { scale } = this.metric;
    for (let i = 0; i < scale.length; i++) {
      scale[i] = Math.sqrt((n / (n + 5)) * (squares[i] / (n - 1)) + (1e-3 * 5) / (n + 5));
    }
    return true;
  }

  /** Forgets all draws. */
  nextWindow(): void {
    this.window.clear();
  }
}
