/** A dense metric from the covariance of draws. */
import { cholesky } from "../../statistics/linear.ts";
import type { Slots } from "../memory.ts";
import type { Point } from "../transitions/point.ts";
import type { Metric, MetricEstimator } from "./metric.ts";

/** L is lower triangular: the Cholesky factor of the inverse mass matrix, row-major. */
export class DenseMetric implements Metric {
  /** Row-major; the upper triangle is zero. */
  readonly factor: Float64Array;

  constructor(slots: Slots, dimension: number) {
    this.factor = slots("metric factor", dimension * dimension);
  }

  /** None. */
  readonly diagonal = undefined;

  /** A product with a lower triangle. */
  times(z: Float64Array, out: Float64Array): void {
    const { factor } = this;
    const n = out.length;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += factor[i * n + j] * z[j];
      out[i] = sum;
    }
  }

  /** A product with an upper triangle. */
  transposed(g: Float64Array, out: Float64Array): void {
    const { factor } = this;
    const n = out.length;
    out.fill(0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) out[j] += factor[i * n + j] * g[i];
    }
  }
}

/**
 * The covariance of the draws of a window (Welford, 1962), regularised towards 1e-3 times the identity as Stan does:
 * n / (n + 5) cov + 1e-3 * 5 / (n + 5) I (Stan reference manual, "HMC algorithm parameters"; Stan's dense_e).
 */
export class Covariance implements MetricEstimator {
  /** Of the last window that ended. */
  readonly metric: DenseMetric;
  /** See `MetricEstimator`. */
  readonly leastWindow = 2;
  private readonly mean: Float64Array;
  private readonly products: Float64Array;
  private readonly counter: Float64Array;
  private readonly deviation: Float64Array;
  private readonly dimension: number;

  constructor(slots: Slots, dimension: number) {
    this.dimension = dimension;
    this.metric = new DenseMetric(slots, dimension);
    this.mean = slots("window mean", dimension);
    this.products = slots("window products", dimension * dimension);
    this.counter = slots("window count", 1);
    this.deviation = new Float64Array(dimension);
  }

  /** The draws of the present window. */
  get count(): number {
    return this.counter[0];
  }

  /** The identity. */
  begin(): void {
    const { dimension: n } = this;
    this.metric.factor.fill(0);
    for (let i = 0; i < n; i++) this.metric.factor[i * n + i] = 1;
  }

  /** Takes a draw in. */
  observe({ position }: Point): void {
    const { mean, products, deviation, dimension: n } = this;
    this.counter[0] += 1;
    for (let i = 0; i < n; i++) {
      deviation[i] = position[i] - mean[i];
      mean[i] += deviation[i] / this.counter[0];
    }
    for (let i = 0; i < n; i++) {
      const after = position[i] - mean[i];
      for (let j = 0; j <= i; j++) products[i * n + j] += after * deviation[j];
    }
  }

  /** From two draws on, if rounding has left the covariance positive definite. */
  update(): boolean {
    const { dimension: n, products, counter } = this;
    const count = counter[0];
    if (count < this.leastWindow) return false;
    const regularised = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const covariance = products[i * n + j] / (count - 1);
        const ridge = i === j ? (1e-3 * 5) / (count + 5) : 0;
        regularised[i * n + j] = (count / (count + 5)) * covariance + ridge;
      }
    }
    const factor = cholesky(regularised, n);
    if (factor === undefined) return false;
    this.metric.factor.set(factor);
    return true;
  }

  /** Forgets all draws. */
  nextWindow(): void {
    this.mean.fill(0);
    this.products.fill(0);
    this.counter[0] = 0;
  }
}
