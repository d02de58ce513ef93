/** Numbers for the leaves of random graphs, all from one seed. */
import {
  allocate,
  type DType,
  roundTo,
  type TypedArray,
  threefry,
} from "../../src/tensor/internal.ts";

/** Uniform numbers in (0, 1), one after another. */
export class Dice {
  private count = 0;
  private readonly seed: number;
  private readonly stream: number;

  constructor(seed: number, stream: number) {
    this.seed = seed;
    this.stream = stream;
  }

  bits(): number {
    return threefry(this.seed, 0x64696365, this.count++, this.stream)[0];
  }
  unit(): number {
    return ((this.bits() >>> 8) + 0.5) * 2 ** -24;
  }
  below(n: number): number {
    return (this.bits() >>> 0) % n;
  }
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }
  sign(): number {
    return this.below(2) === 0 ? 1 : -1;
  }
}

/** Ways to fill a floating-point leaf, of which `edge` are the numbers at the edges. */
const FLOATS: readonly ((dice: Dice, edge: readonly number[]) => number)[] = [
  (d) => d.normal(),
  (d) => d.below(9) - 4,
  (d) => (d.below(5) === 0 ? 0 : 4 * d.unit() - 2),
  (d) => d.normal(),
  (d) => 0.1 + 5 * d.unit(),
  (d) => d.below(2),
  (d) => d.normal() * 0.1,
  (d) => d.sign() * 10 ** (8 * d.unit() - 4),
  (d) => d.sign() * 10 ** (3 + 3 * d.unit()),
  (d) => d.sign() * 10 ** (-6 - 20 * d.unit()),
  (d) => d.normal(),
  (d, edge) => (d.below(12) === 0 ? oneOf(edge, d) : d.normal()),
  (d, edge) => (d.below(2) === 0 ? oneOf(edge, d) : d.normal()),
  (d, edge) => oneOf(edge, d),
  (d) => oneOf(LIMITS, d),
];

const oneOf = (list: readonly number[], d: Dice): number => list[d.below(list.length)];

/** Where functions and their derivatives have limits, corners and poles. */
const LIMITS = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0, -0, 1, -1];

/** Those, what is no number, and the largest numbers of a type, roots of them, and denormals. */
const EDGES = {
  float32: [...LIMITS, Number.NaN, 3e38, -3e38, 1.5e19, 1e-38, -1e-40, 1e-44],
  float64: [...LIMITS, Number.NaN, 1.7e308, -1.7e308, 1e154, 3e-308, -1e-310, 5e-324],
};

/** Ways to fill an int32 leaf. */
const INTEGERS: readonly ((dice: Dice) => number)[] = [
  (d) => d.below(10),
  (d) => d.below(41) - 20,
  (d) => d.below(10) - 1,
  (d) => d.bits(),
];

/** `length` numbers of the type, filled in the way numbered `way`. */
export function numbers(dtype: DType, length: number, way: number, dice: Dice): TypedArray {
  const data = allocate(dtype, length);
  const choice = <T>(list: readonly T[]) => list[way % list.length];
  const next =
    dtype === "int32"
      ? choice(INTEGERS)
      : dtype === "uint8"
        ? way % 2 === 0
          ? (d: Dice) => d.below(2)
          : (d: Dice) => d.below(256)
        : (d: Dice) => choice(FLOATS)(d, dtype === "float64" ? EDGES.float64 : EDGES.float32);
  for (let i = 0; i < length; i++) data[i] = roundTo(dtype, next(dice));
  return data;
}
