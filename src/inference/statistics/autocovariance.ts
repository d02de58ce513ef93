/**
 * Sums of products of deviations d at each lag, sum_i d[i] d[i + lag], for lags from 0 to n - 1, over all chains: by Fourier
 * transforms of the deviations with as many zeros behind them (Wiener and Khinchin), in n log n operations. Two chains are
 * the real and the imaginary parts of one transform, and the sum of all spectra is transformed back at once.
 */
export function laggedProducts(chains: readonly Float64Array[]): Float64Array {
  const n = chains[0].length;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * n)));
  const roots = rootsOfUnity(size);
  const spectrum = new Float64Array(size);
  for (let c = 0; c < chains.length; c += 2) {
    const real = new Float64Array(size);
    const imaginary = new Float64Array(size);
    real.set(chains[c]);
    if (c + 1 < chains.length) imaginary.set(chains[c + 1]);
    toReversed(real, imaginary, roots);
    for (let i = 0; i < size; i++) spectrum[i] += real[i] ** 2 + imaginary[i] ** 2;
  }
  // The part of the spectrum that is odd, of two chains, becomes imaginary.
  fromReversed(spectrum, new Float64Array(size), roots);
  return spectrum.subarray(0, n).map((x) => x / size);
}

interface Roots {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

function rootsOfUnity(size: number): Roots {
  const cosines = new Float64Array(size / 2);
  const sines = new Float64Array(size / 2);
  for (let k = 0; k < size / 2; k++) {
    cosines[k] = Math.cos((2 * Math.PI * k) / size);
    sines[k] = -Math.sin((2 * Math.PI * k) / size);
  }
  return { cosines, sines };
}

/** The discrete Fourier transform in place, of a power of two numbers, into the order of reversed bits (Gentleman and Sande, 1966). */
function toReversed(real: Float64Array, imaginary: Float64Array, { cosines, sines }: Roots): void {
  const size = real.length;
  for (let half = size / 2; half >= 1; half /= 2) {
    const stride = size / (2 * half);
    for (let from = 0; from < size; from += 2 * half) {
      for (let k = 0; k < half; k++) {
        const [at, other] = [from + k, from + k + half];
        const [c, s] = [cosines[k * stride], sines[k * stride]];
        const x = real[at] - real[other];
        const y = imaginary[at] - imaginary[other];
        real[at] += real[other];
        imaginary[at] += imaginary[other];
        real[other] = x * c - y * s;
        imaginary[other] = x * s + y * c;
      }
    }
  }
}

/** The same transform, from the order of reversed bits (Cooley and Tukey, 1965). */
function fromReversed(
  real: Float64Array,
  imaginary: Float64Array,
  { cosines, sines }: Roots,
): void {
  const size = real.length;
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
