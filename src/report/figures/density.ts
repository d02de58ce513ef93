/** Densities of draws, as curves. */

/** A curve. */
export interface DensityCurve {
  /** Where. */
  readonly x: Float64Array;
  /** How dense. */
  readonly y: Float64Array;
}

const POINTS = 100;

/**
 * The density of finite numbers by a normal kernel (bandwidth: Silverman 1986, equation 3.31): between the least and the
 * largest of them, mass beyond an end being folded back, so that what ends there is not shown to fade out; or, without
 * that, over `domain`. Undefined where they do not vary.
 */
export function densityOf(
  values: ArrayLike<number>,
  domain?: readonly [number, number],
): DensityCurve | undefined {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const n = sorted.length;
  const [least, most] = [sorted[0], sorted[n - 1]];
  if (n < 2 || !(most > least)) return undefined;
  const mean = sorted.reduce((a, x) => a + x, 0) / n;
  const sd = Math.sqrt(sorted.reduce((a, x) => a + (x - mean) ** 2, 0) / (n - 1));
  const spread = sorted[Math.floor(0.75 * (n - 1))] - sorted[Math.floor(0.25 * (n - 1))];
  const width = 0.9 * (spread > 0 ? Math.min(sd, spread / 1.34) : sd) * n ** -0.2;
  const [low, high] = domain ?? [least, most];
  const x = Float64Array.from(
    { length: POINTS },
    (_, i) => low + ((high - low) * i) / (POINTS - 1),
  );
  const y = x.map((at) => {
    const places = domain === undefined ? [at, 2 * least - at, 2 * most - at] : [at];
    return places.reduce((sum, place) => sum + kernelSum(sorted, place, width), 0) / (n * width);
  });
  return { x, y };
}

/** The points of that curve; none where the numbers do not vary. */
export function densityPoints(
  values: ArrayLike<number>,
  domain?: readonly [number, number],
): { readonly x: number; readonly y: number }[] {
  const { x, y } = densityOf(values, domain) ?? { x: [], y: [] };
  return Array.from(x, (at, i) => ({ x: at, y: y[i] }));
}

/** Beyond so many bandwidths the kernel adds nothing that is seen. */
const REACH = 4;

function kernelSum(sorted: Float64Array, at: number, width: number): number {
  let sum = 0;
  for (let i = firstAbove(sorted, at - REACH * width); i < sorted.length; i++) {
    const z = (sorted[i] - at) / width;
    if (z > REACH) break;
    sum += Math.exp(-0.5 * z * z);
  }
  return sum / Math.sqrt(2 * Math.PI);
}

function firstAbove(sorted: Float64Array, x: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
