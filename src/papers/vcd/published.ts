/** What the paper and the article tell. */

/** Test log likelihood of VCD on MNIST made black and white once, after 400000 iterations, in nats per image. */
export const PUBLISHED_LOG_LIKELIHOOD = -95.86;

/** Iterations a second of training on a CPU, as the article's README tells: 400000 in about nine hours. */
export const PUBLISHED_SPEED = 12;

/** Learning rates that the article found for each batch size, of means and decoder. */
export const RATES: Readonly<Record<16 | 100 | 128 | 512 | 1024, number>> = {
  16: 5e-4,
  100: 5e-4,
  128: 9e-4,
  512: 9e-4,
  1024: 1.3e-3,
};
