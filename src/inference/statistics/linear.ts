/** Vectors and small symmetric matrices on the host: row-major, in doubles. */

/** The scalar product. */
export function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

/**
 * The lower triangle L with L L^T = A, or undefined if A is not positive definite (Golub and Van Loan,
 * "Matrix computations", 2013, section 4.2). It is written into the lower triangle of `root`, which may be A itself.
 */
export function cholesky(
  a: Float64Array,
  size: number,
  root: Float64Array = new Float64Array(size * size),
): Float64Array | undefined {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i * size + j];
      for (let k = 0; k < j; k++) rest -= root[i * size + k] * root[j * size + k];
      if (i === j && !(rest > 0 && Number.isFinite(rest))) return undefined;
      root[i * size + j] = i === j ? Math.sqrt(rest) : rest / root[j * size + j];
    }
  }
  return root;
}

/** x with L L^T x = b. */
export function solve(root: Float64Array, b: Float64Array): Float64Array {
  return solveTransposed(root, solveTriangle(root, b));
}

/** y with L y = b. */
export function solveTriangle(root: Float64Array, b: Float64Array): Float64Array {
  const size = b.length;
  const y = b.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) y[i] -= root[i * size + k] * y[k];
    y[i] /= root[i * size + i];
  }
  return y;
}

/** L^-T: its product with its transpose is the inverse of L L^T. */
export function inverseTransposed(root: Float64Array, size: number): Float64Array {
  const result = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    const unit = Float64Array.from({ length: size }, (_, i) => (i === column ? 1 : 0));
    const x = solveTransposed(root, unit);
    for (let i = 0; i < size; i++) result[i * size + column] = x[i];
  }
  return result;
}

/** x with L^T x = y, in the place of y. */
export function solveTransposed(root: Float64Array, y: Float64Array): Float64Array {
  const size = y.length;
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) y[i] -= root[k * size + i] * y[k];
    y[i] /= root[i * size + i];
  }
  return y;
}
