/** What matrices of plain numbers are, row-major. */

/** Whether all is finite, the diagonal greater than 0, and what is above it 0. */
export function isLowerTriangle(xs: readonly number[], size: number): boolean {
  return (
    xs.length === size * size &&
    xs.every((x, at) => {
      const [i, j] = [Math.floor(at / size), at % size];
      return Number.isFinite(x) && (i > j || (i === j ? x > 0 : x === 0));
    })
  );
}

/** Whether the squares of each row add up to one, but for `slack`. */
export function hasUnitRows(xs: readonly number[], size: number, slack: number): boolean {
  return Array.from({ length: size }, (_, i) => xs.slice(i * size, (i + 1) * size)).every(
    (row) => Math.abs(row.reduce((sum, x) => sum + x * x, 0) - 1) <= slack,
  );
}

/**
 * Whether all pivots of Gauss's elimination are greater than 0, and mirrored elements are equal but for
 * `slack` of what the diagonal admits.
 */
export function isPositiveDefinite(xs: readonly number[], size: number, slack: number): boolean {
  if (xs.length !== size * size || !xs.every(Number.isFinite)) return false;
  const at = (i: number, j: number) => xs[i * size + j];
  const isMirrored = xs.every((x, place) => {
    const [i, j] = [Math.floor(place / size), place % size];
    return Math.abs(x - at(j, i)) <= slack * Math.sqrt(Math.abs(at(i, i) * at(j, j)));
  });
  const rows = Array.from({ length: size }, (_, i) => xs.slice(i * size, (i + 1) * size));
  return (
    isMirrored &&
    rows.every((pivot, k) => {
      for (const row of rows.slice(k + 1)) {
        const share = row[k] / pivot[k];
        for (let j = k; j < size; j++) row[j] -= share * pivot[j];
      }
      return pivot[k] > 0;
    })
  );
}
