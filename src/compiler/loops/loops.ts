/**
 * The loop language: what a kernel does, ready to be printed. A printer walks statements in order;
 * it decides nothing about fusion, order or layout.
 */
import type { Buffer } from "../buffer.ts";
import type { FloatType, Scalar, ScalarType } from "../scalar/language.ts";

/** A loop's counter. */
export interface Variable {
  /** Unique in a kernel. */
  readonly name: string;
}

/** `factor` times the value of a counter. */
export interface AffineTerm {
  /** The counter. */
  readonly variable: Variable;
  /** In elements. */
  readonly factor: number;
}

/**
 * An element of a buffer, counted in elements: the sum of `terms`, of `offset`, of `positions` (values
 * computed in the loop, clamped to `size`, times `factor`), and of the place in packed panels.
 */
export interface Address {
  /** What is read or written. */
  readonly buffer: Buffer;
  /** Their sum is the offset, in elements. */
  terms: AffineTerm[];
  /** 0 if it is not there. */
  readonly offset?: number;
  /** Computed positions along axes, for gathers and scatters. */
  readonly positions: readonly {
    readonly position: Scalar;
    readonly size: number;
    readonly factor: number;
    /** Whether the position differs from lane to lane. */
    readonly perLane: boolean;
  }[];
  /** Packed panels: the sum of `terms` is split into (panel, column) by `width`. */
  readonly panel?: { terms: AffineTerm[]; readonly width: number; readonly stride: number };
}

/** How a reduction combines its terms. */
export type Combine = "sum" | "max";

/** What a reduction over nothing is. */
export function neutral(combine: Combine, type: ScalarType): number {
  if (combine === "sum") return 0;
  return type === "i32" ? -(2 ** 31) : Number.NEGATIVE_INFINITY;
}

/** A register that collects one reduction. */
export interface Accumulator {
  /** The type of the sum or maximum. */
  readonly type: ScalarType;
  /** How terms are combined. */
  readonly combine: Combine;
  /** How many lanes hold partial results, combined pairwise when it is read; 1 if none do. */
  readonly lanes: number;
  /** Whether float32 numbers are added up in float64. Then no lanes hold partial results. */
  readonly wide?: boolean;
}

/**
 * A number of rounds: fixed, affine in the counters of loops outside (the triangular loop j < i), or those
 * of the block that begins at `start` of `total`.
 */
export type Count =
  | number
  | { readonly terms: readonly AffineTerm[]; readonly plus: number }
  | {
      readonly total: Count;
      readonly start: AffineTerm;
      readonly block: number;
      /** Rounds for each element of the block. */
      readonly times: number;
    };

/** Every number of rounds a count can stand for, the usual one first. */
export function countsOf(count: Count): number[] {
  if (typeof count === "number") return [count];
  if ("terms" in count) throw new Error("a tile has no edge that moves with a counter");
  const { block, times } = count;
  const found = countsOf(count.total).flatMap((total) => {
    const last = total % block;
    const whole = total >= block ? [block * times] : [];
    return last === 0 ? whole : [...whole, last * times];
  });
  return [...new Set(found)];
}

/** How much of a tile is used from counter `at` on: all of `full`, or what is left of `count`. */
export interface TileExtent {
  /** The size of a whole tile. */
  readonly full: number;
  /** How many there are in all. */
  readonly count: Count;
  /** Where the tile begins. */
  readonly at: Variable;
}

/** Every extent of a tile that occurs, largest first. */
export function extentsOf({ full, count }: TileExtent): number[] {
  const found = new Set<number>();
  for (const n of countsOf(count)) {
    if (n >= full) found.add(full);
    if (n % full !== 0) found.add(n % full);
  }
  return [...found].sort((a, b) => b - a);
}

/** A node of a loop nest: a loop, a store, an accumulation, a tile. */
export type Statement =
  | {
      readonly kind: "loop";
      readonly variable: Variable;
      readonly to: Count;
      readonly step: number;
      /** Lanes per round if this is the vectorised loop of its nest (2 or 4), else 1. */
      readonly lanes: number;
      readonly body: readonly Statement[];
    }
  /** Rounds that do not need each other, for any thread and in any order. Never inside another loop. */
  | {
      readonly kind: "parallel";
      readonly variable: Variable;
      readonly to: number;
      readonly body: readonly Statement[];
    }
  /** Computes a value where it is first known; later statements use it. */
  | { readonly kind: "let"; readonly value: Scalar }
  | { readonly kind: "start"; readonly accumulator: Accumulator }
  | { readonly kind: "accumulate"; readonly accumulator: Accumulator; readonly value: Scalar }
  /** Writes, or combines with what is there; float32 numbers are added to float64 ones as such. */
  | {
      readonly kind: "store";
      readonly address: Address;
      readonly value: Scalar;
      readonly combine: Combine | undefined;
    }
  /** Sets `length` elements, those from `at` on. */
  | {
      readonly kind: "fill";
      readonly buffer: Buffer;
      readonly at: readonly AffineTerm[];
      readonly length: number;
      readonly value: number;
    }
  | Tile;

/**
 * One tile of a matrix product: C[r, c] = (or, from the second block of the contraction on, +=, or, if it
 * `subtracts`, -=) sum over d of A[r, d] B[d, c], for neighbouring columns of B and C. Strides count elements.
 */
export interface Tile {
  /** A block of a matrix product, C += A B. */
  readonly kind: "tile";
  /** The type of all three. */
  readonly type: FloatType;
  /** The rows: the left operand. */
  readonly a: Address;
  /** The columns: the right operand. */
  readonly b: Address;
  /** The result. */
  readonly c: Address;
  /** Distances in elements. */
  readonly strides: {
    /** From one row of A to the next. */
    readonly aRow: number;
    /** From one step of the contraction to the next in A. */
    readonly aStep: number;
    readonly bStep: number;
    /** From one row of C to the next. */
    readonly cRow: number;
  };
  /** The rows of C in the tile. */
  readonly rows: TileExtent;
  /** The columns of C in the tile. */
  readonly columns: TileExtent;
  /** Whether nothing behind the last column of C may be written. */
  readonly tailMasked: boolean;
  /** The steps of the contraction. */
  readonly depth: Count;
  /** The block counter of the contraction, if it is cut: 0 in the first block. */
  readonly block: Variable | undefined;
  /** Whether the product is taken from what is in C. */
  readonly subtracts?: boolean;
}

/**
 * The most float32 additions in a row; longer sums are made in blocks of half the length, which are added
 * up in float64. Where all roundings go one way, a sum of equal numbers is then off by 16 units: 1e-6.
 */
export const CHAIN = 64;

/** What a target's registers hold. */
export interface Target {
  /** The width of a vector register, in bytes. */
  readonly vectorBytes: number;
  /** Operations on numbers that make a task worth handing to another thread. */
  readonly minTaskWork: number;
  /** The most float32 additions in a row, if not `CHAIN`. */
  readonly chain?: number;
  /** Rows and columns of one tile of a matrix product. */
  readonly tile: Readonly<Record<FloatType, { readonly rows: number; readonly columns: number }>>;
}

/** How many numbers of a type a vector register of so many bytes holds. */
export function lanesOf(type: ScalarType, { vectorBytes }: Pick<Target, "vectorBytes">): number {
  return vectorBytes / (type === "f64" ? 8 : 4);
}

/** What one kernel costs, for `explain`. */
export interface Cost {
  /** Floating-point operations. */
  readonly flops: number;
  /** Bytes read from and written to buffers, each element counted once. */
  readonly bytes: number;
}

/** Kernels that are run again and again, one after the other. */
export interface Repeat {
  /** How many times; with `until`, at most. */
  readonly turns: number;
  /** An int32: they end after the turn that makes it other than 0. */
  readonly until: Buffer | undefined;
  /** Buffers whose values last from turn to turn. */
  readonly outside: ReadonlySet<Buffer>;
}

/** One fusion group, lowered: loop nests that run one after another. */
export interface Kernel {
  /** Unique in a program. */
  readonly name: string;
  /** Whether it runs once before the steps, not in each of them. */
  readonly prologue: boolean;
  /** What repeats the kernel, together with its neighbours, outermost first. */
  readonly repeats: readonly Repeat[];
  /** What was fused here, for people. */
  readonly summary: string;
  /** The iteration space, for people. */
  readonly axes: string;
  /** Its loops and stores. */
  readonly body: readonly Statement[];
  /** The buffers it loads from. */
  readonly reads: readonly Buffer[];
  /** The buffers it stores to. */
  readonly writes: readonly Buffer[];
  /** Memory of its own for packed panels and tiles, one for each thread. */
  readonly scratch: readonly Buffer[];
  /** Its operations and memory traffic, in all. */
  readonly cost: Cost;
}
