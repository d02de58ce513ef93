/** The order of draws, and what follows from ranks. */
import { inverseNormal } from "./inverseNormal.ts";

/** Numbers in ascending order, and where each stood. */
export interface Ascending {
  /** The numbers, the least first. */
  readonly values: Float64Array;
  /** `values[i]` stood at `places[i]`. */
  readonly places: Uint32Array;
}

/** Binary digits of a word that are looked at together. */
const DIGITS = [11, 11, 10] as const;

/** Numbers whose upper words are one are put in order by moving each past those above it, if these are so few on average. */
const FEW_MOVES = 4;

/**
 * Finite numbers in ascending order: by the digits of their bits, from the last ones on (radix sort), in time proportional
 * to how many they are. Upper words alone, sign and exponent and 20 bits, do nearly all of it where numbers are spread.
 */
export function ascendingOf(numbers: ArrayLike<number>): Ascending {
  const values = Float64Array.from(numbers);
  const words = keysOf(values);
  let { places, moves } = orderBy(words, [1]);
  if (moves > FEW_MOVES * values.length) ({ places } = orderBy(words, [0, 1]));
  for (let i = 0; i < values.length; i++) {
    const [place, x] = [places[i], numbers[places[i]]];
    let at = i;
    for (; at > 0 && values[at - 1] > x; at--) {
      values[at] = values[at - 1];
      places[at] = places[at - 1];
    }
    values[at] = x;
    places[at] = place;
  }
  return { values, places };
}

/** Two words for each number, the lower one first: as unsigned numbers in the order of the numbers. */
function keysOf(values: Float64Array): Uint32Array {
  const words = new Uint32Array(values.slice().buffer);
  // Signs are turned, and all bits of negative numbers.
  for (let i = 0; i < words.length; i += 2) {
    const mask = words[i + 1] >>> 31 === 1 ? 0xffffffff : 0;
    words[i] ^= mask;
    words[i + 1] ^= mask | 0x80000000;
  }
  return words;
}

/** Places in the order of one word or both of each key, and about how many moves are left where words are one. */
function orderBy(words: Uint32Array, which: readonly (0 | 1)[]) {
  const n = words.length / 2;
  let places = new Uint32Array(n);
  for (let i = 0; i < n; i++) places[i] = i;
  let [keys, nextKeys, nextPlaces] = [0, 1, 2].map(() => new Uint32Array(n));
  for (const word of which) {
    for (let i = 0; i < n; i++) keys[i] = words[2 * places[i] + word];
    let shift = 0;
    for (const digits of DIGITS) {
      const starts = new Uint32Array((1 << digits) + 1);
      const mask = (1 << digits) - 1;
      for (let i = 0; i < n; i++) starts[((keys[i] >>> shift) & mask) + 1]++;
      if (!starts.includes(n)) {
        for (let d = 1; d < starts.length; d++) starts[d] += starts[d - 1];
        for (let i = 0; i < n; i++) {
          const at = starts[(keys[i] >>> shift) & mask]++;
          nextKeys[at] = keys[i];
          nextPlaces[at] = places[i];
        }
        [keys, nextKeys, places, nextPlaces] = [nextKeys, keys, nextPlaces, places];
      }
      shift += digits;
    }
  }
  let moves = 0;
  for (let from = 0, i = 1; i <= n; i++) {
    if (i < n && keys[i] === keys[from]) continue;
    moves += (i - from) * (i - from - 1) * 0.25;
    from = i;
  }
  return { places, moves };
}

/** As the mean of the two in the middle: their distances from it are to be one, whatever is rounded. */
export function medianOf({ values }: Ascending): number {
  const half = values.length >> 1;
  if (values.length % 2 === 1) return values[half];
  const [below, above] = [values[half - 1], values[half]];
  const total = below + above;
  return Number.isFinite(total) ? total / 2 : below / 2 + above / 2;
}

/** The distances from `centre`, which lies in the middle: those of numbers below it and of those above it, merged. */
export function distancesFrom(centre: number, ascending: Ascending): Ascending {
  const n = ascending.values.length;
  const values = new Float64Array(n);
  const places = new Uint32Array(n);
  let above = n >> 1;
  let below = above - 1;
  const at = (i: number) =>
    i < 0 || i >= n ? Number.POSITIVE_INFINITY : Math.abs(ascending.values[i] - centre);
  let [under, over] = [at(below), at(above)];
  for (let i = 0; i < n; i++) {
    if (under < over) {
      values[i] = under;
      places[i] = ascending.places[below--];
      under = at(below);
    } else {
      values[i] = over;
      places[i] = ascending.places[above++];
      over = at(above);
    }
  }
  return { values, places };
}

/** Ranks, those of ties averaged, as quantiles of a standard normal distribution, where the numbers stood. */
export function rankNormalised({ values, places }: Ascending): Float64Array {
  const n = values.length;
  const quantiles = new Float64Array(n);
  for (let from = 0; from < n; ) {
    let to = from + 1;
    while (to < n && values[to] === values[from]) to++;
    const rank = (from + to + 1) / 2;
    const quantile = inverseNormal((rank - 3 / 8) / (n + 1 / 4));
    for (let i = from; i < to; i++) quantiles[places[i]] = quantile;
    from = to;
  }
  return quantiles;
}
