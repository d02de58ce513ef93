/** How far a density is from a normal, as its gradients tell. */
import { cholesky, dot, solveTriangle } from "../../statistics/linear.ts";

/**
 * The share of the variance of gradients that no linear function of the draws explains, in [0, 1], measured by the metric
 * X: tr(X (G - B C^-1 B')) / tr(X G), with the covariances C of draws, G of gradients, and B between gradients and draws.
 * Of a normal it is 0, whatever its covariance and however few the draws, for its gradients are linear; where the curvature
 * changes from place to place it is more. Both are centred rows of `size` numbers. 0 where there are too few to tell.
 */
export function nonlinearity(
  draws: Float64Array,
  gradients: Float64Array,
  x: Float64Array,
  size: number,
): number {
  const factor = cholesky(products(draws, draws, size), size);
  if (factor === undefined) return 0;
  const g = products(gradients, gradients, size);
  const b = products(gradients, draws, size);
  const explained = Array.from({ length: size }, (_, i) =>
    solveTriangle(factor, b.subarray(i * size, (i + 1) * size)),
  );
  let [unexplained, all] = [0, 0];
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const at = i * size + j;
      all += x[at] * g[at];
      unexplained += x[at] * (g[at] - dot(explained[i], explained[j]));
    }
  }
  const share = unexplained / all;
  return share > 0 ? Math.min(1, share) : 0;
}

/** A' B of rows of `size` numbers. */
function products(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const result = new Float64Array(size * size);
  for (let row = 0; row < a.length; row += size) {
    for (let i = 0; i < size; i++) {
      const by = a[row + i];
      for (let j = 0; j < size; j++) result[i * size + j] += by * b[row + j];
    }
  }
  return result;
}
