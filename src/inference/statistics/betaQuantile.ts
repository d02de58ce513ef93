/** So many standard deviations from its mean a beta distribution has nothing left, and so many pieces are what lies between. */
const [REACH, PIECES] = [12, 2000];

/**
 * The x below which a beta variable lies with each of the ascending `probabilities`, to about 1e-6 standard deviations, by
 * Simpson's rule.
 *
 * @param a of at least 1, as is `b`
 */
export function betaQuantiles(
  a: number,
  b: number,
  probabilities: readonly number[],
): readonly number[] {
  const mean = a / (a + b);
  const spread = Math.sqrt((mean * (1 - mean)) / (a + b + 1));
  const low = Math.max(0, mean - REACH * spread);
  const step = (Math.min(1, mean + REACH * spread) - low) / PIECES;
  const power = (x: number, y: number) => (y === 0 ? 0 : y * Math.log(x));
  const logDensity = (x: number) => power(x, a - 1) + power(1 - x, b - 1);
  const most = logDensity(mean);
  const density = (x: number) => Math.exp(logDensity(x) - most);
  const masses = Array.from({ length: PIECES }, (_, i) => {
    const [left, right] = [low + i * step, low + (i + 1) * step];
    return (density(left) + 4 * density((left + right) / 2) + density(right)) / 6;
  });
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return probabilities.map((p) => {
    let [piece, below] = [0, 0];
    while (piece < PIECES - 1 && below + masses[piece] < p * total) below += masses[piece++];
    return low + step * (piece + (p * total - below) / masses[piece]);
  });
}
