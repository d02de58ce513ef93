/** Symmetric matrices whose elements further from the diagonal than a band are 0, on the host, in doubles. */

/** The lower half: of row i the elements at columns i - band to i, each row after the other. */
export interface Banded {
  /** Rows, and columns. */
  readonly size: number;
  /** How far from the diagonal elements may differ from 0. */
  readonly band: number;
  /** The elements, of each row band + 1. */
  readonly data: Float64Array;
}

/** The element at row i and column j, of which j is at most i and within the band. */
export function elementAt({ band, data }: Banded, i: number, j: number): number {
  return data[i * (band + 1) + band - (i - j)];
}

/** The lower triangle L with L L^T = A, of the same band; undefined if A is not positive definite. */
export function bandedCholesky({ size, band, data }: Banded): Banded | undefined {
  const root = new Float64Array(data.length);
  const width = band + 1;
  for (let i = 0; i < size; i++) {
    const first = Math.max(0, i - band);
    for (let j = first; j <= i; j++) {
      let rest = data[i * width + band - i + j];
      for (let k = Math.max(first, j - band); k < j; k++) {
        rest -= root[i * width + band - i + k] * root[j * width + band - j + k];
      }
      if (i === j && !(rest > 0 && Number.isFinite(rest))) return undefined;
      root[i * width + band - i + j] = i === j ? Math.sqrt(rest) : rest / root[j * width + band];
    }
  }
  return { size, band, data: root };
}

/** x with L L^T x = b. */
export function bandedSolve({ size, band, data }: Banded, b: Float64Array): Float64Array {
  const x = b.slice();
  const width = band + 1;
  for (let i = 0; i < size; i++) {
    for (let k = Math.max(0, i - band); k < i; k++) x[i] -= data[i * width + band - i + k] * x[k];
    x[i] /= data[i * width + band];
  }
  for (let i = size - 1; i >= 0; i--) {
    x[i] /= data[i * width + band];
    for (let k = Math.max(0, i - band); k < i; k++) x[k] -= data[i * width + band - i + k] * x[i];
  }
  return x;
}

/** log |L|. */
export function logDiagonal({ size, band, data }: Banded): number {
  let total = 0;
  for (let i = 0; i < size; i++) total += Math.log(data[i * (band + 1) + band]);
  return total;
}
