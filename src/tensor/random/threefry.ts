/**
 * Threefry-2x32 with 20 rounds: a counter-based random generator (Salmon, Moraes, Dror and Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Two words of key and two of counter give
 * two words of random bits; nothing is carried from one call to the next.
 */

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const PARITY = 0x1bd11bda;
const ROUNDS = 20;

/** What the rounds are made of: int32 arithmetic that wraps, over any kind of value. */
export interface WordArithmetic<T> {
  /** A known word. */
  constant(value: number): T;
  /** The sum modulo 2^32. */
  add(a: T, b: T): T;
  /** Exclusive or, bit by bit. */
  xor(a: T, b: T): T;
  /** `x` rotated left by `bits`. */
  rotate(x: T, bits: number): T;
}

/** Both words of output for key (k0, k1) and counter (c0, c1), in the given arithmetic. */
export function threefryWords<T>(
  on: WordArithmetic<T>,
  k0: T,
  k1: T,
  c0: T,
  c1: T,
): readonly [T, T] {
  const keys = [k0, k1, on.xor(on.xor(k0, k1), on.constant(PARITY))];
  let x = on.add(c0, k0);
  let y = on.add(c1, k1);
  for (let round = 0; round < ROUNDS; round++) {
    x = on.add(x, y);
    y = on.xor(on.rotate(y, ROTATIONS[round % 8]), x);
    if (round % 4 === 3) {
      const turn = (round + 1) / 4;
      x = on.add(x, keys[turn % 3]);
      y = on.add(on.add(y, keys[(turn + 1) % 3]), on.constant(turn));
    }
  }
  return [x, y];
}

const NUMBERS: WordArithmetic<number> = {
  constant: (value) => value | 0,
  add: (a, b) => (a + b) | 0,
  xor: (a, b) => a ^ b,
  rotate: (x, bits) => (x << bits) | (x >>> (32 - bits)),
};

/** Both words, as signed 32-bit numbers. */
export function threefry(
  k0: number,
  k1: number,
  c0: number,
  c1: number,
): readonly [number, number] {
  return threefryWords(NUMBERS, k0, k1, c0, c1);
}
