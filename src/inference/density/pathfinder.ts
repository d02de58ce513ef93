/**
 * Normal approximations along a path of quasi-Newton ascent, the best of which is chosen by its bound: Pathfinder
 * (Zhang, Carpenter, Gelman and Vehtari, "Pathfinder: parallel quasi-Newton variational inference", JMLR 23, 2022).
 */
import { cholesky, dot } from "../statistics/linear.ts";
import {
  type AscentPoint,
  addTo,
  ascent,
  type Correction,
  correctionOf,
  isCurved,
  remember,
  type ScaledDensity,
  updateDiagonal,
} from "./modes/lbfgs.ts";
import type { Turns } from "./modes/turns.ts";

/** A normal with the covariance diag(alpha) + beta gamma beta^T, held so that draws are cheap. */
export interface NormalApproximation {
  /** Its mean. */
  readonly mean: Float64Array;
  /** mean + C noise, of C C^T the covariance. */
  colour(noise: Float64Array): Float64Array;
  /** log |C|. */
  readonly logScale: number;
  /** The covariance, row-major. */
  covariance(): Float64Array;
  /** The diagonal of the covariance. */
  variances(): Float64Array;
}

/** The best approximation along a path. */
export interface PathResult {
  /** The one of the largest bound, if any has a finite one. */
  readonly best: { readonly normal: NormalApproximation; readonly elbo: number } | undefined;
  /** Where the ascent ended. */
  readonly end: AscentPoint;
}

/** Points without a better bound after which an ascent is given up: it goes to where the density has no maximum. */
const PATIENCE = 100;

/**
 * Algorithm 1: the approximation at each point of the ascent from `start`, and the one whose bound, estimated from the
 * draws that `noise` makes, is the largest.
 *
 * @param noise standard normal numbers, a row of `dimension` for each draw of the estimates
 */
export function* pathfinder(
  density: ScaledDensity,
  start: AscentPoint,
  noise: readonly Float64Array[],
): Turns<PathResult> {
  const { dimension } = density;
  const alpha = new Float64Array(dimension).fill(1);
  const history: Correction[] = [];
  let previous: AscentPoint | undefined;
  let best: PathResult["best"];
  let end = start;
  let sinceBest = 0;
  for (const point of ascent(density, start)) {
    if (previous !== undefined) {
      const correction = correctionOf(previous, point);
      if (isCurved(correction)) {
        updateDiagonal(alpha, correction);
        remember(history, correction);
      }
      const normal = history.length === 0 ? undefined : approximation(point, alpha, history);
      const elbo = normal === undefined ? Number.NaN : elboOf(density, normal, noise);
      if (normal !== undefined && elbo > (best?.elbo ?? Number.NEGATIVE_INFINITY)) {
        best = { normal, elbo };
        sinceBest = 0;
      }
      sinceBest++;
    }
    previous = point;
    end = point;
    yield;
    if (sinceBest > PATIENCE) break;
  }
  return { best, end };
}

/** The mean of log p - log q over the draws that `noise` makes, in nats; NaN where one is not finite. */
export function elboOf(
  density: ScaledDensity,
  { colour, logScale }: Pick<NormalApproximation, "colour" | "logScale">,
  noise: readonly Float64Array[],
): number {
  let total = 0;
  for (const each of noise) total += density.at(colour(each)).value + dot(each, each) / 2;
  const elbo = total / noise.length + logScale + (density.dimension / 2) * Math.log(2 * Math.PI);
  return Number.isFinite(elbo) ? elbo : Number.NaN;
}

/**
 * The normal at a point (algorithm 4): its covariance is the inverse Hessian of L-BFGS, its mean a Newton step away.
 * With beta = [diag(alpha) Y, S] and the QR factors of diag(alpha)^(-1/2) beta, a draw is
 * mean + diag(alpha)^(1/2) (Q (L - 1) Q^T + 1) noise, where L L^T = 1 + R gamma R^T.
 */
function approximation(
  { position, gradient }: AscentPoint,
  alpha: Float64Array,
  history: readonly Correction[],
): NormalApproximation | undefined {
  const n = position.length;
  const m = history.length;
  const diagonal = alpha.slice();
  const roots = diagonal.map(Math.sqrt);
  // The columns of diag(alpha)^(-1/2) beta.
  const columns = [
    ...history.map(({ change }) => product(change, roots)),
    ...history.map(({ step }) => quotient(step, roots)),
  ];
  const gamma = middle(history, diagonal);
  if (gamma === undefined) return undefined;
  const { q, r } = orthogonalised(columns);
  const k = q.length;
  const inner = new Float64Array(k * k);
  for (let a = 0; a < k; a++) {
    for (let b = 0; b < k; b++) {
      let total = a === b ? 1 : 0;
      for (let i = 0; i < 2 * m; i++) {
        for (let j = 0; j < 2 * m; j++) {
          total += r[a][i] * gamma[i * 2 * m + j] * r[b][j];
        }
      }
      inner[a * k + b] = total;
    }
  }
  const root = cholesky(inner, k);
  if (root === undefined) return undefined;
  /** diag(roots) (Q (M - 1) Q^T + 1) x + offset. */
  const spread = (x: Float64Array, matrix: Float64Array, offset: Float64Array) => {
    const projected = Float64Array.from(q, (column) => dot(column, x));
    const result = x.slice();
    for (let a = 0; a < k; a++) {
      let factor = -projected[a];
      for (let b = 0; b < k; b++) factor += matrix[a * k + b] * projected[b];
      addTo(result, factor, q[a]);
    }
    return scaledAndMoved(result, roots, offset);
  };
  const nothing = new Float64Array(n);
  const byCovariance = (x: Float64Array) => spread(product(x, roots), inner, nothing);
  const shift = byCovariance(gradient);
  const mean = new Float64Array(n);
  for (let i = 0; i < n; i++) mean[i] = position[i] + shift[i];
  let logScale = 0;
  for (const each of roots) logScale += Math.log(each);
  for (let a = 0; a < k; a++) logScale += Math.log(root[a * k + a]);
  if (!(Number.isFinite(logScale) && mean.every(Number.isFinite))) return undefined;
  return {
    mean,
    logScale,
    colour: (noise) => spread(noise, root, mean),
    covariance: () => {
      const result = new Float64Array(n * n);
      const unit = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        unit[i] = 1;
        result.set(byCovariance(unit), i * n);
        unit[i] = 0;
      }
      return result;
    },
    variances: () =>
      diagonal.map((x, i) => {
        const at = q.map((column) => column[i]);
        let total = 1;
        for (let a = 0; a < k; a++) {
          for (let b = 0; b < k; b++) {
            total += at[a] * (inner[a * k + b] - (a === b ? 1 : 0)) * at[b];
          }
        }
        return x * total;
      }),
  };
}

/** Element by element: loops, for `map` of an array of numbers takes ten times as long. */
function product(x: Float64Array, y: Float64Array): Float64Array {
  const result = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) result[i] = x[i] * y[i];
  return result;
}

function quotient(x: Float64Array, y: Float64Array): Float64Array {
  const result = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) result[i] = x[i] / y[i];
  return result;
}

/** scales x + offset, in the place of x. */
function scaledAndMoved(x: Float64Array, scales: Float64Array, offset: Float64Array): Float64Array {
  for (let i = 0; i < x.length; i++) x[i] = offset[i] + x[i] * scales[i];
  return x;
}

/** gamma: the matrix between beta and its transpose, row-major; undefined where the history is singular. */
function middle(history: readonly Correction[], alpha: Float64Array): Float64Array | undefined {
  const m = history.length;
  const pairs = (p: readonly Float64Array[], q: readonly Float64Array[]) =>
    p.map((x) => q.map((y) => dot(x, y)));
  const changes = history.map(({ change }) => change);
  // E: the upper triangle of S^T Y; its inverse by back substitution.
  const e = pairs(
    history.map(({ step }) => step),
    changes,
  );
  const inverse = new Float64Array(m * m);
  for (let column = 0; column < m; column++) {
    for (let i = column; i >= 0; i--) {
      let rest = i === column ? 1 : 0;
      for (let k = i + 1; k <= column; k++) rest -= e[i][k] * inverse[k * m + column];
      inverse[i * m + column] = rest / e[i][i];
    }
  }
  if (!inverse.every(Number.isFinite)) return undefined;
  const weights = pairs(
    changes,
    changes.map((change) => product(change, alpha)),
  );
  for (let i = 0; i < m; i++) weights[i][i] += e[i][i];
  const gamma = new Float64Array(4 * m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      gamma[i * 2 * m + m + j] = -inverse[i * m + j];
      gamma[(m + j) * 2 * m + i] = -inverse[i * m + j];
      let total = 0;
      for (let a = 0; a < m; a++) {
        for (let b = 0; b < m; b++)
          total += inverse[a * m + i] * weights[a][b] * inverse[b * m + j];
      }
      gamma[(m + i) * 2 * m + m + j] = total;
    }
  }
  return gamma;
}

/** Orthonormal columns Q and the rows of R with Q R the columns given, but for those that depend on others. */
function orthogonalised(columns: readonly Float64Array[]) {
  const q: Float64Array[] = [];
  const coefficients: number[][] = [];
  for (const column of columns) {
    const rest = column.slice();
    const own: number[] = q.map(() => 0);
    // Twice, so that rounding leaves nothing along the others.
    for (let pass = 0; pass < 2; pass++) {
      for (let a = 0; a < q.length; a++) {
        const along = dot(q[a], rest);
        own[a] += along;
        addTo(rest, -along, q[a]);
      }
    }
    const length = Math.sqrt(dot(rest, rest));
    if (length > 1e-10 * Math.sqrt(dot(column, column))) {
      for (let i = 0; i < rest.length; i++) rest[i] /= length;
      q.push(rest);
      own.push(length);
    }
    coefficients.push(own);
  }
  const r = q.map((_, a) => coefficients.map((own) => own[a] ?? 0));
  return { q, r };
}
