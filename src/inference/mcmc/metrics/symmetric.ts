/** Small symmetric matrices on the host, row-major. */

/** Sweeps of rotations; matrices of this size need fewer than ten. */
const MOST_SWEEPS = 30;

/** Eigenvalues, and the eigenvectors as rows. */
export interface Eigen {
  /** In no order. */
  readonly values: Float64Array;
  /** Row k belongs to value k. */
  readonly vectors: Float64Array;
}

/**
 * The eigendecomposition of a symmetric matrix of `n` rows by Jacobi's rotations, cyclic by rows (Golub and Van Loan,
 * Matrix Computations, section 8.5), which finds small eigenvalues to their own relative precision where they are that
 * well determined. The matrix is overwritten.
 */
export function eigenSymmetric(a: Float64Array, n: number): Eigen {
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = a[p * n + q];
        const [left, right] = [a[p * n + p], a[q * n + q]];
        if (Math.abs(off) <= 1e-16 * Math.sqrt(Math.abs(left * right)) || off === 0) continue;
        rotated = true;
        const theta = (right - left) / (2 * off);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k * n + p], a[k * n + q]];
          a[k * n + p] = c * x - s * y;
          a[k * n + q] = s * x + c * y;
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[p * n + k], a[q * n + k]];
          a[p * n + k] = c * x - s * y;
          a[q * n + k] = s * x + c * y;
          const [u, v] = [vectors[p * n + k], vectors[q * n + k]];
          vectors[p * n + k] = c * u - s * v;
          vectors[q * n + k] = s * u + c * v;
        }
      }
    }
    if (!rotated) break;
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]), vectors };
}

/** sum_k f(value_k) v_k v_k'. */
export function rebuilt({ values, vectors }: Eigen, f: (value: number) => number): Float64Array {
  const n = values.length;
  const result = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const weight = f(values[k]);
    for (let i = 0; i < n; i++) {
      const row = weight * vectors[k * n + i];
      for (let j = 0; j < n; j++) result[i * n + j] += row * vectors[k * n + j];
    }
  }
  return result;
}

/** A B A, all symmetric. */
function between(a: Float64Array, b: Float64Array, n: number): Float64Array {
  return times(times(a, b, n), a, n);
}

function times(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k];
      for (let j = 0; j < n; j++) result[i * n + j] += factor * b[k * n + j];
    }
  }
  return result;
}

/**
 * The symmetric positive definite X with X A X = B, the geometric mean of the inverse of A and B:
 * A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2. `a` is overwritten.
 */
export function geometricMean(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const eigen = eigenSymmetric(a, n);
  const root = rebuilt(eigen, Math.sqrt);
  const inner = eigenSymmetric(between(root, b, n), n);
  return between(
    rebuilt(eigen, (value) => 1 / Math.sqrt(value)),
    rebuilt(inner, (value) => Math.sqrt(Math.max(0, value))),
    n,
  );
}
