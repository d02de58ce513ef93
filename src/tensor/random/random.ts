/**
 * Random numbers as expressions. A draw is a function of a key and of the element's position, so it
 * is the same on every backend, for any thread count, and when a run is resumed.
 */
import { AXIS, checkArguments, DTYPE, KEY, listOf, TENSOR } from "../arguments/kinds.ts";
import { wholeNumber } from "../arguments/numbers.ts";
import { type Axis, axis, describeAxes, oncePerAxis, sizeOf } from "../axis.ts";
import { and, mod, shr, xor } from "../bits.ts";
import type { DType } from "../dtype.ts";
import { SurmiseError } from "../errors.ts";
import { gatherClamped } from "../known/gather.ts";
import { cos, index, input, log, minimum, select, sqrt } from "../math.ts";
import { belowOne } from "../special/precision.ts";
import { cast, constant, constantOfType, make, type Operand, Tensor } from "../tensor.ts";
import { threefry } from "./threefry.ts";

/** Two int32 words; may vary over axes (a step counter, chains). */
export interface Key {
  /** The first word, int32. */
  readonly k0: Tensor;
  /** The second word, int32. */
  readonly k1: Tensor;
}

/** The key of a seed: a whole number from 0 to 2^53 - 1. */
export function key(seed: number): Key {
  const [k0, k1] = Object.values(seedInputs(seed));
  return words(k0, k1);
}

/** The names of the two words of a seed that is an input of the program. */
const SEED_WORDS = ["#seed0", "#seed1"] as const;

/**
 * The key of a seed that is an input of the program, so that another seed compiles nothing: the program is
 * given `seedInputs(seed)`, and draws the numbers that `key(seed)` would give.
 */
export function seedKey(): Key {
  const [k0, k1] = SEED_WORDS.map((name) => input(name, [], "int32"));
  return { k0, k1 };
}

/**
 * What the inputs of `seedKey` are for a seed, by name: int32 numbers.
 *
 * @throws SurmiseError if the seed is not a whole number from 0 to 2^53 - 1.
 */
export function seedInputs(seed: number): Readonly<Record<string, number>> {
  wholeNumber("the seed", seed, { most: Number.MAX_SAFE_INTEGER });
  return { [SEED_WORDS[0]]: seed | 0, [SEED_WORDS[1]]: Math.floor(seed / 2 ** 32) };
}

function words(k0: number, k1: number): Key {
  return { k0: constant(k0, "int32"), k1: constant(k1, "int32") };
}

/** Sets the counters of `fold` apart from those of draws under the same key. */
const FOLDED = 0x666f6c64;

/**
 * A key of its own for `data` under `parent`: a name (site, purpose), an int32 number, or a step.
 *
 * @throws SurmiseError if a number is not a whole one of 32 bits.
 */
export function fold(parent: Key, data: string | number | Tensor): Key {
  checkArguments("fold", { parent }, KEY);
  if (typeof data !== "string" && !(data instanceof Tensor)) {
    wholeNumber("fold: a number", data, { least: -(2 ** 31), most: 2 ** 31 - 1 });
  }
  const [c0, c1] = typeof data === "string" ? hash(data) : [data, FOLDED];
  const { k0, k1 } = parent;
  if (k0.operation.op === "constant" && k1.operation.op === "constant" && typeof c0 === "number") {
    return words(...threefry(k0.operation.value, k1.operation.value, c0 | 0, c1));
  }
  const counter = [typeof c0 === "number" ? constant(c0, "int32") : c0, constant(c1, "int32")];
  return {
    k0: make({ op: "threefry", word: 0 }, [k0, k1, ...counter]),
    k1: make({ op: "threefry", word: 1 }, [k0, k1, ...counter]),
  };
}

/** Two words that depend on every character of `name`. */
function hash(name: string): [number, number] {
  let state: readonly [number, number] = [name.length, 0x6e616d65];
  for (const character of name) {
    state = threefry(state[0], state[1], character.codePointAt(0) as number, 1);
  }
  return [state[0], state[1]];
}

/**
 * The element's number, row-major over `axes` in this order (the canonical order of a draw); the position along the
 * first of them is `outermost`.
 */
function position([first, ...rest]: readonly Axis[], outermost = first && index(first)): Tensor {
  if (first === undefined) return constant(0, "int32");
  const axes = [first, ...rest];
  if (sizeOf(axes) > 2 ** 31) {
    throw new SurmiseError(`a draw over ${describeAxes(axes)} has more than 2^31 elements`);
  }
  return rest.reduce<Tensor>((at, a) => at.mul(a.size).add(index(a)), outermost);
}

/** 32 random bits for each element over `axes`; `stream` 0 and 1 are independent. */
export function randomBits(k: Key, axes: readonly Axis[], stream: 0 | 1 = 0): Tensor {
  return bitsAt(k, position(axes), stream);
}

function bitsAt(k: Key, at: Tensor, stream: 0 | 1, block = 0): Tensor {
  return make({ op: "threefry", word: stream }, [k.k0, k.k1, at, constant(block, "int32")]);
}

/** Uniform draws in the open interval (0, 1): 23 random bits for float32, 52 for float64. */
export function uniform(k: Key, axes: readonly Axis[], dtype: DType = "float32"): Tensor {
  checkArguments("uniform", { k }, KEY);
  checkArguments("uniform", { axes }, listOf(AXIS));
  checkArguments("uniform", { dtype }, DTYPE);
  return uniformsAt(k, position(axes), dtype)[0];
}

/**
 * Uniform draws in the open interval (0, 1) of which small ones are as fine as large ones: 46 random bits for float32,
 * which keeps the first 24 that count.
 */
export function fineUniform(k: Key, axes: readonly Axis[], dtype: DType = "float32"): Tensor {
  const [first, second] = uniformsAt(k, position(axes), dtype);
  if (dtype !== "float32") return first;
  // In float64 the first has all its bits.
  const offset = constantOfType({ float32: 2 ** -24, float64: 0 }, dtype);
  const whole = first.sub(offset).add(second.mul(offset).mul(2));
  // The largest sum rounds to 1.
  return minimum(whole, belowOne(dtype));
}

/** Two independent uniform draws for each element, which has the number `at`. */
function uniformsAt(k: Key, at: Tensor, dtype: DType): [Tensor, Tensor] {
  const bits = (stream: 0 | 1, block = 0) => bitsAt(k, at, stream, block);
  if (dtype === "float32") return [toUnit32(bits(0)), toUnit32(bits(1))];
  return [toUnit64(bits(0), bits(1)), toUnit64(bits(0, 1), bits(1, 1))];
}

function toUnit32(bits: Tensor): Tensor {
  return cast(shr(bits, 9), "float32")
    .add(0.5)
    .mul(2 ** -23);
}

function toUnit64(high: Tensor, low: Tensor): Tensor {
  const [h, l] = [high, low].map((bits) => cast(shr(bits, 6), "float64"));
  return h
    .mul(2 ** 26)
    .add(l)
    .add(0.5)
    .mul(2 ** -52);
}

/** More normals are not kept in memory, but each is made where it is used. */
const MOST_KEPT = 2 ** 22;

/**
 * Standard normal draws by the transform of Box and Muller (1958); errors are in docs/accuracy.md. Over several axes
 * the elements 2i and 2i + 1 along the first are a pair, made of the same two uniforms; over one axis, where a pair
 * would lie in one vector, each element has two of its own.
 */
export function standardNormal(k: Key, axes: readonly Axis[], dtype: DType = "float32"): Tensor {
  checkArguments("standardNormal", { k }, KEY);
  checkArguments("standardNormal", { axes }, listOf(AXIS));
  checkArguments("standardNormal", { dtype }, DTYPE);
  const [first, ...rest] = axes;
  if (rest.length === 0) return normalAt(k, position(axes), 0, dtype);
  const i = index(first);
  const [pair, second] = [shr(i, 1), and(i, 1)];
  const isKeyed = k.k0.has(first) || k.k1.has(first);
  if (isKeyed || sizeOf(axes) > MOST_KEPT) {
    return normalAt(k, position(axes, pair), cast(second, dtype).mul(0.25), dtype);
  }
  const pairs = pairsAlong(first);
  const at = position([pairs, ...rest]);
  const [one, other] = [0, 0.25].map((turn) =>
    gatherClamped(normalAt(k, at, turn, dtype), pairs, pair),
  );
  return select(second.eq(0), one, other);
}

/** The normal of two uniforms that lies so many turns before the first of their pair. */
function normalAt(k: Key, at: Tensor, turn: Operand, dtype: DType): Tensor {
  const [u, v] = uniformsAt(k, at, dtype);
  return sqrt(log(u).mul(-2)).mul(cos(v.sub(turn).mul(2 * Math.PI)));
}

/** The axis of the pairs of elements of `a`, always the same, so that equal draws are known as such. */
const pairsAlong = oncePerAxis((a) => axis(`pairs of ${a.name}`, Math.ceil(a.size / 2)));

const SHUFFLE_ROUNDS = 24;

/**
 * The element that stands at place `at` (int32, from 0 to size - 1) when `size` things are shuffled
 * under the key: a permutation computed for each place on its own, without a table, by the
 * swap-or-not network (Hoang, Morris and Rogaway, CRYPTO 2012), here with a fast integer hash.
 */
export function shuffled(k: Key, at: Tensor, size: number): Tensor {
  checkArguments("shuffled", { k }, KEY);
  checkArguments("shuffled", { at }, TENSOR);
  wholeNumber("shuffled: size", size, { least: 1, most: 2 ** 31 - 1 });
  const round = axis("shuffle round", SHUFFLE_ROUNDS);
  const bits = [0, 1].map((stream) => randomBits(k, [round], stream as 0 | 1));
  const offsets = mod(bits[0], size);
  let place = at;
  for (let r = 0; r < SHUFFLE_ROUNDS; r++) {
    const difference = gatherClamped(offsets, round, r).sub(place);
    const partner = select(difference.lt(0), difference.add(size), difference);
    const pair = xor(larger(place, partner), gatherClamped(bits[1], round, r));
    place = select(and(mix(pair), 1).eq(1), partner, place);
  }
  return place;
}

function larger(a: Tensor, b: Tensor): Tensor {
  return select(a.lt(b), b, a);
}

/** A hash of 32 bits to 32 bits (Wellons's "lowbias32"). */
function mix(x: Tensor): Tensor {
  const step = (y: Tensor, shift: number, factor: number) => xor(y, shr(y, shift)).mul(factor);
  const mixed = step(step(x, 16, 0x7feb352d), 15, 0x846ca68b | 0);
  return xor(mixed, shr(mixed, 16));
}
