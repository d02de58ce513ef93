/**
 * Sums of products of deviations d at each lag, sum_i d[i] d[i + lag], for lags from 0 to n - 1: by the Fourier transform of
 * the deviations with as many zeros behind them (Wiener and Khinchin), in n log n operations.
 */
export function laggedProducts(deviations: Float64Array): Float64Array {
  const n = deviations.length;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * n)));
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  real.set(deviations);
  transform(real, imaginary);
  for (let i = 0; i < size; i++) {
    real[i] = real[i] ** 2 + imaginary[i] ** 2;
    imaginary[i] = 0;
  }
  // The spectrum is even: its transform is its inverse but for the size.
  transform(real, imaginary);
  return real.subarray(0, n).map((x) => x / size);
}

/** The discrete Fourier transform in place, of a power of two numbers (Cooley and Tukey, 1965). */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length;
  const swap = (values: Float64Array, i: number, j: number) => {
    const x = values[i];
    values[i] = values[j];
    values[j] = x;
  };
  // Into the order of reversed bits.
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    swap(real, i, j);
    swap(imaginary, i, j);
  }
  const cosines = new Float64Array(size / 2);
  const sines = new Float64Array(size / 2);
  for (let k = 0; k < size / 2; k++) {
    cosines[k] = Math.cos((2 * Math.PI * k) / size);
    sines[k] = -Math.sin((2 * Math.PI * k) / size);
  }
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half);
    for (let from = 0; from < size; from += 2 * half) {
      for (let k = 0; k < half; k++) {
        const [at, other] = [from + k, from + k + half];
        const [c, s] = [cosines[k * stride], sines[k * stride]];
        const x = real[other] * c - imaginary[other] * s;
        const y = real[other] * s + imaginary[other] * c;
        real[other] = real[at] - x;
        imaginary[other] = imaginary[at] - y;
        real[at] += x;
        imaginary[at] += y;
      }
    }
  }
}
