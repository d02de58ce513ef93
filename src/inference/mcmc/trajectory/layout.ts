/**
 * Where the numbers of a trajectory lie in the memory of its module: numbers by name, the levels of the tree, and vectors,
 * which trade places by their addresses.
 */
import {
  add,
  type Float,
  type Int,
  int,
  load,
  mul,
  type NewLocal,
  type Statement,
  set,
  store,
} from "../../../compiler/internal.ts";

/** Numbers in float64, each at its place times 8. */
const FLOATS = [
  "logDensity",
  "kinetic",
  "startEnergy",
  // Of the points of the present doubling: the sum of exp(H0 - H).
  "weight",
  "acceptance",
  "symmetricAcceptance",
  "thereLogDensity",
  "drawnEnergy",
  "drawnLogDensity",
  "candidateEnergy",
  "candidateLogDensity",
] as const;

/** The vectors: those of ends and of points trade places. */
export const VECTOR_NAMES = [
  // The end of the trajectory at which it goes on, and the other.
  "herePosition",
  "hereGradient",
  "hereMomentum",
  "therePosition",
  "thereGradient",
  "thereMomentum",
  // The point drawn so far, and that of the present doubling.
  "drawnPosition",
  "drawnGradient",
  "candidatePosition",
  "candidateGradient",
  // The sum of the momenta of the subtree that has just been completed.
  "sum",
  // Vectors that stay where they are.
  "position",
  "gradient",
  "scale",
  "force",
  "velocity",
  "momentum",
  "rho",
] as const;

/** Whole numbers, each at its place times 4 behind those. */
const INTS = [
  // Bytes of a vector, and of its numbers without the padding; whether L is not diagonal.
  "bytes",
  "numbers",
  "isGeneral",
  // Where the density has its own, in a memory that is shared with it.
  "densityPosition",
  "densityGradient",
  "densityValue",
  // The state of the random numbers (`ChainRandom`).
  "random0",
  "random1",
  "random2",
  "random3",
  "leapfrogs",
  "diverging",
  "depth",
  "drawnDistance",
  "candidateDistance",
  "hereDistance",
  "thereDistance",
  // Where vectors lie.
  ...VECTOR_NAMES,
] as const;

/** The name of a number in float64. */
export type FloatName = (typeof FLOATS)[number];
/** The name of a whole number. */
export type IntName = (typeof INTS)[number];

/** Where a number in float64 lies, as a place among those. */
export const floatAt = (name: FloatName): number => FLOATS.indexOf(name);
/** Where a whole number lies, as a place among those of 32 bits. */
export const intAt = (name: IntName): number => 2 * FLOATS.length + INTS.indexOf(name);

/** Where the levels begin, in bytes. */
export const LEVELS = 16 * Math.ceil((8 * FLOATS.length + 4 * INTS.length) / 16);
/** Bytes of a level: where its first and last momentum and the sum lie. */
export const LEVEL = 12;
/** The most levels that there is room for: doublings of a trajectory. */
export const MOST_LEVELS = 20;
/** Where vectors begin, in bytes. */
export const VECTORS = LEVELS + MOST_LEVELS * LEVEL + 16;

/** Of each level of the tree. */
export const LEVEL_VECTORS = 3;

/** Where its vectors are told of, in bytes from there. */
export const [FIRST, LAST, RHO] = [0, 4, 8];

/** Zero. */
export const zero = int(0);

/** What lies at fixed places in a memory, `base` bytes behind where it begins. */
export class Numbers {
  private readonly base: number;

  constructor(base: number) {
    this.base = base;
  }

  /** A number in float64. */
  float(name: FloatName): Float {
    return load("f64", zero, this.base + 8 * floatAt(name));
  }

  /** Sets a number in float64. */
  setFloat(name: FloatName, value: Float): Statement {
    return store(zero, value, this.base + 8 * floatAt(name));
  }

  /** A whole number. */
  int(name: IntName): Int {
    return load("i32", zero, this.base + 4 * intAt(name));
  }

  /** Sets a whole number. */
  setInt(name: IntName, value: Int): Statement {
    return store(zero, value, this.base + 4 * intAt(name));
  }

  /** Where a level lies. */
  level(k: Int): Int {
    return add(mul(k, int(LEVEL)), int(this.base + LEVELS));
  }

  /** Exchanges whole numbers. */
  swap(local: NewLocal, ...pairs: readonly (readonly [IntName, IntName])[]): Statement[] {
    const kept = local("i32");
    return pairs.flatMap(([a, b]) => [
      set(kept, this.int(a)),
      this.setInt(a, this.int(b)),
      this.setInt(b, kept),
    ]);
  }

  /** Exchanges numbers in float64. */
  swapFloats(local: NewLocal, a: FloatName, b: FloatName): Statement[] {
    const kept = local("f64");
    return [set(kept, this.float(a)), this.setFloat(a, this.float(b)), this.setFloat(b, kept)];
  }
}
