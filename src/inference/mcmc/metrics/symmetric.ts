/** Small symmetric matrices on the host, row-major. */
import { cholesky, solveTransposed } from "../../statistics/linear.ts";
import { Scratch } from "../../statistics/scratch.ts";

/** Rotations from one end of a block to the other before an eigenvalue counts as found; three are enough as a rule. */
const MOST_SWEEPS = 60;
/** Elements beside the diagonal that are so much smaller than those on it are zero. */
const EPSILON = 2 ** -52;

/** Eigenvalues, and the eigenvectors as rows. */
export interface Eigen {
  /** In no order. */
  readonly values: Float64Array;
  /** Row k belongs to value k. */
  readonly vectors: Float64Array;
}

/**
 * The eigendecomposition of a symmetric matrix of `n` rows: reflections make it tridiagonal, implicit QL steps with
 * Wilkinson's shifts make that diagonal (Golub and Van Loan, Matrix Computations, section 8.3). Errors are of the order of
 * the rounding of the largest eigenvalue. The matrix is overwritten; what is returned lies in `scratch`.
 */
export function eigenSymmetric(a: Float64Array, n: number, scratch = new Scratch()): Eigen {
  const vectors = scratch.zeros(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const reflector = scratch.zeros(n);
  const work = scratch.zeros(n);
  for (let k = 0; k + 2 < n; k++) tridiagonalise(a, n, k, vectors, reflector, work);
  const values = scratch.zeros(n);
  const beside = scratch.zeros(n);
  for (let i = 0; i < n; i++) {
    values[i] = a[i * n + i];
    if (i + 1 < n) beside[i] = a[(i + 1) * n + i];
  }
  for (let k = 0; k < n; k++) diagonalise(values, beside, vectors, n, k);
  return { values, vectors };
}

/** A reflection from both sides, after which column k is zero below the element under the diagonal. */
function tridiagonalise(
  a: Float64Array,
  n: number,
  k: number,
  vectors: Float64Array,
  v: Float64Array,
  work: Float64Array,
): void {
  let tail = 0;
  for (let i = k + 2; i < n; i++) tail += a[i * n + k] ** 2;
  if (tail === 0) return;
  const head = a[(k + 1) * n + k];
  const norm = Math.sqrt(tail + head * head);
  const left = head > 0 ? -norm : norm;
  for (let i = k + 1; i < n; i++) v[i] = a[i * n + k];
  v[k + 1] -= left;
  const factor = 2 / (tail + v[k + 1] ** 2);
  // A <- A - v w' - w v' with p = factor A v and w = p - (factor / 2) (v . p) v.
  let along = 0;
  for (let i = k + 1; i < n; i++) {
    let product = 0;
    for (let j = k + 1; j < n; j++) product += a[i * n + j] * v[j];
    work[i] = factor * product;
    along += v[i] * work[i];
  }
  for (let i = k + 1; i < n; i++) work[i] -= 0.5 * factor * along * v[i];
  for (let i = k + 1; i < n; i++) {
    for (let j = k + 1; j < n; j++) a[i * n + j] -= v[i] * work[j] + work[i] * v[j];
  }
  a[(k + 1) * n + k] = left;
  // The rows of what becomes the eigenvectors are reflected too.
  work.fill(0);
  for (let i = k + 1; i < n; i++) {
    for (let j = 0; j < n; j++) work[j] += v[i] * vectors[i * n + j];
  }
  for (let i = k + 1; i < n; i++) {
    const by = factor * v[i];
    for (let j = 0; j < n; j++) vectors[i * n + j] -= by * work[j];
  }
}

/** QL steps until element k beside the diagonal is zero. */
function diagonalise(
  d: Float64Array,
  e: Float64Array,
  vectors: Float64Array,
  n: number,
  k: number,
): void {
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let end = k;
    while (end + 1 < n && Math.abs(e[end]) > EPSILON * (Math.abs(d[end]) + Math.abs(d[end + 1]))) {
      end++;
    }
    if (end === k) return;
    const half = (d[k + 1] - d[k]) / (2 * e[k]);
    const root = Math.sqrt(half * half + 1);
    let g = d[end] - d[k] + e[k] / (half + (half < 0 ? -root : root));
    let [s, c, p] = [1, 1, 0];
    let i = end - 1;
    for (; i >= k; i--) {
      const f = s * e[i];
      const b = c * e[i];
      const r = Math.sqrt(f * f + g * g);
      e[i + 1] = r;
      if (r === 0) break;
      s = f / r;
      c = g / r;
      g = d[i + 1] - p;
      const turned = (d[i] - g) * s + 2 * c * b;
      p = s * turned;
      d[i + 1] = g + p;
      g = c * turned - b;
      const [here, next] = [i * n, (i + 1) * n];
      for (let j = 0; j < n; j++) {
        const x = vectors[here + j];
        const y = vectors[next + j];
        vectors[here + j] = c * x - s * y;
        vectors[next + j] = s * x + c * y;
      }
    }
    if (i >= k) {
      d[i + 1] -= p;
    } else {
      d[k] -= p;
      e[k] = g;
    }
    e[end] = 0;
  }
}

/**
 * The symmetric positive definite X with X A X = B, the geometric mean of the inverse of A and B. With A = L L' it is
 * L'^-1 (L' B L)^1/2 L^-1. Undefined if A is not positive definite. It lies in `scratch`.
 */
export function geometricMean(
  a: Float64Array,
  b: Float64Array,
  n: number,
  scratch = new Scratch(),
): Float64Array | undefined {
  const factor = cholesky(a, n, scratch.zeros(n * n));
  if (factor === undefined) return undefined;
  const { values, vectors } = eigenSymmetric(between(factor, b, n, scratch), n, scratch);
  // X is the sum over k of value_k^1/2 x x' with L' x = vector_k.
  const result = scratch.zeros(n * n);
  for (let k = 0; k < n; k++) {
    const weight = Math.sqrt(Math.max(0, values[k]));
    if (weight === 0) continue;
    const x = solveTransposed(factor, vectors.subarray(k * n, (k + 1) * n));
    for (let i = 0; i < n; i++) {
      const by = weight * x[i];
      for (let j = 0; j < n; j++) result[i * n + j] += by * x[j];
    }
  }
  return result;
}

/** L' B L for a lower triangle L and a symmetric B. */
function between(factor: Float64Array, b: Float64Array, n: number, scratch: Scratch): Float64Array {
  const right = scratch.zeros(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const by = b[i * n + k];
      for (let j = 0; j <= k; j++) right[i * n + j] += by * factor[k * n + j];
    }
  }
  const result = scratch.zeros(n * n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i <= k; i++) {
      const by = factor[k * n + i];
      for (let j = 0; j < n; j++) result[i * n + j] += by * right[k * n + j];
    }
  }
  return result;
}
