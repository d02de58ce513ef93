/** A diagonal metric with some directions along which the scale is another. */
import { cholesky, dot } from "../../statistics/linear.ts";
import { Scratch } from "../../statistics/scratch.ts";
import type { Slots } from "../memory.ts";
import { copyNumbers, type Point } from "../transitions/point.ts";
import { FisherDiagonal } from "./diagonal.ts";
import type { Metric, MetricEstimator } from "./metric.ts";
import { nonlinearity } from "./nonlinearity.ts";
import { eigenSymmetric, geometricMean } from "./symmetric.ts";

/** L = diag(scale) (I + sum_k (stretch_k - 1) v_k v_k') with orthonormal v_k. */
export class LowRankMetric implements Metric {
  /** The diagonal. */
  readonly scale: Float64Array;
  private readonly directions: Float64Array;
  private readonly stretches: Float64Array;
  private readonly rank: Float64Array;

  /** `scale` is that of a diagonal metric. */
  constructor(slots: Slots, dimension: number, most: number, scale: Float64Array) {
    this.scale = scale;
    this.directions = slots("metric directions", most * dimension);
    this.stretches = slots("metric stretches", most);
    this.rank = slots("metric rank", 1);
  }

  /** The scale, where there are no directions. */
  get diagonal(): Float64Array | undefined {
    return this.rank[0] === 0 ? this.scale : undefined;
  }

  /** diag(scale) after the stretches. */
  times(z: Float64Array, out: Float64Array): void {
    const { scale } = this;
    if (this.rank[0] === 0) {
      for (let i = 0; i < out.length; i++) out[i] = scale[i] * z[i];
      return;
    }
    out.set(z);
    this.stretch(out);
    for (let i = 0; i < out.length; i++) out[i] *= scale[i];
  }

  /** The stretches after diag(scale). */
  transposed(g: Float64Array, out: Float64Array): void {
    const { scale } = this;
    for (let i = 0; i < out.length; i++) out[i] = scale[i] * g[i];
    if (this.rank[0] > 0) this.stretch(out);
  }

  /** Sets the directions: rows of `vectors`. */
  setDirections(stretches: readonly number[], vectors: readonly Float64Array[]): void {
    this.rank[0] = stretches.length;
    this.stretches.set(stretches);
    vectors.forEach((vector, k) => {
      this.directions.set(vector, k * vector.length);
    });
  }

  /** x <- (I + sum_k (stretch_k - 1) v_k v_k') x; the order does not matter, for the directions are orthogonal. */
  private stretch(x: Float64Array): void {
    const { directions, stretches } = this;
    const n = x.length;
    for (let k = 0; k < this.rank[0]; k++) {
      const from = k * n;
      let along = 0;
      for (let i = 0; i < n; i++) along += directions[from + i] * x[i];
      along *= stretches[k] - 1;
      for (let i = 0; i < n; i++) x[i] += along * directions[from + i];
    }
  }
}

/** Up to this dimension the directions are looked for in the whole space, above in the span of the last points. */
const MOST_RANK = 64;
/** Points that are kept: of a small dimension, and of a large one. */
const [MANY, FEW] = [512, MOST_RANK / 2];
/** Of a large dimension, the directions that are most unlike the others. */
const MOST_DIRECTIONS = 16;
/** Of covariances of draws and gradients, in coordinates in which they are about 1 (nutpie). */
const GAMMA = 1e-5;
/** Variances that differ from the common one by less than this factor are taken for it (nutpie). */
const CUTOFF = 2;
const LOG_CUTOFF = Math.log(CUTOFF);

/** What directions are found with; chains of a thread find theirs one after the other. */
const scratch = new Scratch();

/**
 * The metric that minimises the Fisher divergence of a normal among those that are diagonal plus low rank (Seyboldt,
 * Carlson and Carpenter, 2026, arXiv 2603.18845; nutpie's low-rank modified mass matrix): draws and gradients are
 * scaled by the diagonal metric; in the space that they span the covariance is the geometric mean X of the covariance
 * of draws C and the inverse of that of gradients G, which has X G X = C. For a normal it is exact as soon as there are
 * more points than dimensions. Eigenvalues of X near 1, or, where the whole space is looked at, near their median if that
 * is far from 1, are taken for it: they are no directions.
 *
 * Where the density is far from a normal, what is learned along a direction holds near the mean only: a metric that fits
 * there closely makes trajectories short, of steps that are too long elsewhere. So the logs of eigenvalues are taken times
 * the share of the variance of gradients that is linear in the draws, which for a normal is all of it.
 */
export class FisherLowRank implements MetricEstimator {
  /** Of the foreground, as it was at the last update. */
  readonly metric: LowRankMetric;
  private readonly diagonal: FisherDiagonal;
  private readonly dimension: number;
  private readonly kept: number;
  private readonly mostDirections: number;
  /** The last points: positions and gradients, [kept, 2, dimension]. */
  private readonly points: Float64Array;
  /** Points so far; where the foreground and the background began; when the metric was made; its nonlinearity. */
  private readonly counters: Float64Array;
  /** Points that directions are found from at least. */
  readonly leastWindow: number;

  constructor(slots: Slots, dimension: number) {
    const isSmall = dimension <= MOST_RANK;
    this.dimension = dimension;
    this.diagonal = new FisherDiagonal(slots, dimension);
    this.mostDirections = isSmall ? dimension : MOST_DIRECTIONS;
    this.metric = new LowRankMetric(
      slots,
      dimension,
      this.mostDirections,
      slots("metric scale", dimension),
    );
    this.kept = isSmall ? MANY : FEW;
    this.leastWindow = isSmall ? dimension + 2 : FEW;
    this.points = slots("points", this.kept * 2 * dimension);
    this.counters = slots("point counters", 5);
  }

  /** As it was when directions were found. */
  get nonlinearity(): number {
    return this.counters[NONLINEAR];
  }

  /** The points of the background. */
  get count(): number {
    return this.diagonal.count;
  }

  /** 1 / |gradient|. */
  begin(start: Point): void {
    this.diagonal.begin(start);
    this.metric.scale.set(this.diagonal.metric.scale);
    this.metric.setDirections([], []);
  }

  /** Takes a draw and its gradient into both windows. */
  observe(point: Point): void {
    this.diagonal.observe(point);
    const at = (this.counters[POINTS]++ % this.kept) * 2 * this.dimension;
    copyNumbers(this.points, point.position, at);
    copyNumbers(this.points, point.gradient, at + this.dimension);
  }

  /** Diagonal while there are few points; then the directions are found anew now and then. */
  update(): boolean {
    const { metric, diagonal, counters, leastWindow } = this;
    const n = Math.min(counters[POINTS] - counters[FOREGROUND], this.kept);
    const isEnough = n >= leastWindow;
    const added = counters[POINTS] - counters[MADE];
    const isFirst = counters[MADE] === 0;
    const isDue = isFirst || added >= Math.max(LEAST_NEW, 2 * leastWindow, n * GROWTH);
    if (isEnough && !isDue) return false;
    if (!diagonal.update()) return false;
    metric.scale.set(diagonal.metric.scale);
    if (isEnough) {
      counters[MADE] = counters[POINTS];
      this.findDirections(n);
    } else metric.setDirections([], []);
    return true;
  }

  /** The background becomes the foreground. */
  nextWindow(): void {
    this.diagonal.nextWindow();
    this.counters[FOREGROUND] = this.counters[BACKGROUND];
    this.counters[BACKGROUND] = this.counters[POINTS];
  }

  private findDirections(n: number): void {
    const { dimension, metric, counters } = this;
    const { scale } = metric;
    counters[NONLINEAR] = 0;
    scratch.clear();
    const inverse = scratch.zeros(dimension);
    for (let i = 0; i < dimension; i++) inverse[i] = 1 / scale[i];
    const draws = this.deviations(n, 0, inverse);
    const gradients = this.deviations(n, 1, scale);
    const basis = dimension <= MOST_RANK ? undefined : orthonormal(draws, gradients, dimension);
    const size = basis?.length ?? dimension;
    const rows = [draws, gradients].map((all) =>
      basis === undefined ? all : inBasis(basis, all, dimension),
    );
    const [c, g] = rows.map((all) => covariance(all, size));
    const mean = areNear(c, g, size) ? undefined : geometricMean(g, c, size, scratch);
    if (mean === undefined) {
      metric.setDirections([], []);
      return;
    }
    counters[NONLINEAR] = nonlinearity(rows[0], rows[1], mean, size);
    const linear = 1 - counters[NONLINEAR];
    const { values, vectors } = eigenSymmetric(mean, size, scratch);
    // Where one direction is much narrower than all others, the diagonal is too narrow for these.
    const common = basis === undefined ? commonOf(values) : 1;
    for (let i = 0; i < dimension; i++) scale[i] *= Math.sqrt(common);
    const logs = scratch.zeros(size);
    const places: number[] = [];
    for (let k = 0; k < size; k++) {
      logs[k] = Math.log(values[k] / common);
      if (Number.isFinite(logs[k]) && Math.abs(logs[k]) > LOG_CUTOFF) places.push(k);
    }
    places.sort((a, b) => Math.abs(logs[b]) - Math.abs(logs[a]));
    if (places.length > this.mostDirections) places.length = this.mostDirections;
    metric.setDirections(
      places.map((k) => Math.exp(0.5 * linear * logs[k])),
      places.map((k) => {
        const vector = vectors.subarray(k * size, (k + 1) * size);
        return basis === undefined ? vector : combination(basis, vector);
      }),
    );
  }

  /** The last `n` positions or gradients, less their mean, in other units: [n, dimension]. */
  private deviations(n: number, which: 0 | 1, unit: Float64Array): Float64Array {
    const { dimension, kept, points, counters } = this;
    const mean = scratch.zeros(dimension);
    const all = scratch.zeros(n * dimension);
    for (let i = 0, to = 0; i < n; i++) {
      const at = ((counters[POINTS] - n + i) % kept) * 2 * dimension + which * dimension;
      for (let k = 0; k < dimension; k++) {
        const x = points[at + k];
        all[to++] = x;
        mean[k] += x;
      }
    }
    for (let k = 0; k < dimension; k++) mean[k] /= n;
    for (let i = 0, to = 0; i < n; i++) {
      for (let k = 0; k < dimension; k++, to++) all[to] = (all[to] - mean[k]) * unit[k];
    }
    return all;
  }
}

/** Where each counter lies. */
const [POINTS, FOREGROUND, BACKGROUND, MADE, NONLINEAR] = [0, 1, 2, 3, 4];
/**
 * Directions are found anew after so many points at least, twice the least window, and this share of those they are found
 * from.
 */
const [LEAST_NEW, GROWTH] = [10, 0.5];

/** An orthonormal basis of what the rows of two matrices span (Gram and Schmidt, twice is enough). */
function orthonormal(a: Float64Array, b: Float64Array, dimension: number): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const next of [a, b].flatMap((all) => [...rowsOf(all, dimension)])) {
    const before = Math.sqrt(dot(next, next));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) add(next, -dot(next, other), other);
    }
    const left = Math.sqrt(dot(next, next));
    if (!(left > 1e-8 * before)) continue;
    for (let i = 0; i < next.length; i++) next[i] /= left;
    basis.push(next);
  }
  return basis;
}

/**
 * Whether all eigenvalues of the X with X G X = C lie within the cutoff around 1, so that there are no directions: if
 * C < a^2 G and G < a^2 C, both as quadratic forms, then 1/a < X < a, for the geometric mean grows with its operands. That
 * takes two Cholesky factors in the place of X and its eigenvectors.
 */
function areNear(c: Float64Array, g: Float64Array, size: number): boolean {
  return isBelow(c, g, size) && isBelow(g, c, size);
}

/** Whether A < a^2 B, with the cutoff a. */
function isBelow(a: Float64Array, b: Float64Array, size: number): boolean {
  const difference = scratch.zeros(a.length);
  for (let i = 0; i < a.length; i++) difference[i] = CUTOFF ** 2 * b[i] - a[i];
  return cholesky(difference, size, difference) !== undefined;
}

/** The median, the larger of two, where it is far from 1; else 1, which leaves the diagonal as it is. */
function commonOf(values: Float64Array): number {
  const median = scratch.copy(values).sort()[values.length >> 1];
  return median > 0 && Math.abs(Math.log(median)) > LOG_CUTOFF ? median : 1;
}

/** Copies of the rows of a matrix. */
function* rowsOf(all: Float64Array, dimension: number): Generator<Float64Array> {
  for (let at = 0; at < all.length; at += dimension) yield all.slice(at, at + dimension);
}

/** The rows of a matrix in a basis. */
function inBasis(basis: readonly Float64Array[], all: Float64Array, dimension: number) {
  const rows = [...rowsOf(all, dimension)];
  return Float64Array.from(rows.flatMap((row) => basis.map((b) => dot(b, row))));
}

/** The covariance of centred rows of `size` numbers, plus GAMMA on the diagonal. */
function covariance(rows: Float64Array, size: number): Float64Array {
  const n = rows.length / size;
  const result = scratch.zeros(size * size);
  let row = 0;
  // Four at a time, for what takes most of the time otherwise are the sums on their way to memory and back.
  for (const [two, three] = [2 * size, 3 * size]; row + three < rows.length; row += 4 * size) {
    for (let i = 0, a = row; i < size; i++, a++) {
      const [p, q, r, s] = [rows[a], rows[a + size], rows[a + two], rows[a + three]];
      for (let j = 0, b = row, to = i * size; j <= i; j++, b++, to++) {
        const sum = result[to] + p * rows[b];
        result[to] = sum + q * rows[b + size] + r * rows[b + two] + s * rows[b + three];
      }
    }
  }
  for (; row < rows.length; row += size) {
    for (let i = 0; i < size; i++) {
      const by = rows[row + i];
      for (let j = 0; j <= i; j++) result[i * size + j] += by * rows[row + j];
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      result[i * size + j] /= n;
      result[j * size + i] = result[i * size + j];
    }
    result[i * size + i] += GAMMA;
  }
  return result;
}

function combination(basis: readonly Float64Array[], weights: Float64Array): Float64Array {
  const result = new Float64Array(basis[0].length);
  basis.forEach((vector, k) => {
    add(result, weights[k], vector);
  });
  return result;
}

function add(to: Float64Array, weight: number, x: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += weight * x[i];
}
