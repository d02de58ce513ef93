/** Where the components of a mixture begin: at the modes of the posterior. */
import type { Coordinates } from "../../density/coordinates.ts";
import { cholesky, solveTriangle } from "../../statistics/linear.ts";

/** The components of a mixture of normals, in the coordinates of the posterior. */
export interface ComponentStarts {
  /** Their log weights. */
  readonly logWeights: Float64Array;
  /** Their means, row-major over components and numbers. */
  readonly means: Float64Array;
  /** The lower Cholesky factors of their covariances, row-major over components, rows and columns. */
  readonly factors: Float64Array;
  /** 1 for each component that begins where another one does, else 0. */
  readonly isFurther: Float64Array;
}

/**
 * The normals at the modes, in coordinates x = location + factor u: as many components for each mode as its share of the
 * posterior says, one at least (D'Hondt). Undefined where there are no several modes, or more numbers than the
 * coordinates have.
 */
export function componentsAtModes(
  { modes, factor, location, dimension }: Coordinates,
  count: number,
): ComponentStarts | undefined {
  if (modes === undefined || factor === undefined) return undefined;
  const met = modes.slice(0, count);
  const counts = met.map(() => 1);
  for (let rest = count - met.length; rest > 0; rest--) {
    const quotients = met.map(({ share }, m) => share / (counts[m] + 1));
    counts[quotients.indexOf(Math.max(...quotients))]++;
  }
  const whiten = (x: Float64Array) => solveTriangle(factor, x);
  const normals = met.map(({ mean, covariance, share }, m) => {
    const rows = (matrix: Float64Array) =>
      Array.from({ length: dimension }, (_, i) => matrix.slice(i * dimension, (i + 1) * dimension));
    // F^-1 C, then F^-1 (F^-1 C)^T.
    const once = rows(covariance).map(whiten);
    const columns = Array.from({ length: dimension }, (_, j) => once.map((row) => row[j]));
    const twice = columns.map((column) => whiten(Float64Array.from(column)));
    const root = cholesky(Float64Array.from(twice.flatMap((row) => [...row])), dimension);
    return (
      root && {
        ...{ mean: whiten(mean.map((x, i) => x - location[i])), root },
        logWeight: Math.log(share / counts[m]),
      }
    );
  });
  const each = normals.flatMap((normal, m) => {
    if (normal === undefined) return [];
    return Array.from({ length: counts[m] }, (_, k) => ({ ...normal, isFurther: k > 0 ? 1 : 0 }));
  });
  if (each.length < count) return undefined;
  return {
    logWeights: Float64Array.from(each, ({ logWeight }) => logWeight),
    means: Float64Array.from(each.flatMap(({ mean }) => [...mean])),
    factors: Float64Array.from(each.flatMap(({ root }) => [...root])),
    isFurther: Float64Array.from(each, ({ isFurther }) => isFurther),
  };
}
