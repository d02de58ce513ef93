/**
 * The loop language: what a kernel does, ready to be printed. A printer walks statements in order;
 * it decides nothing about fusion, order or layout.
 */
import type { Buffer } from "../buffer.ts";
import type { Scalar, ScalarType } from "./scalar.ts";

/** A loop's counter. */
export interface Variable {
  readonly name: string;
}

/** `factor` times the value of a counter. */
export interface Term {
  readonly variable: Variable;
  readonly factor: number;
}

/**
 * An element of a buffer, counted in elements: the sum of `terms`, of `positions` (values computed in
 * the loop, clamped to `size`, times `factor`), and of the place in packed panels.
 */
export interface Address {
  readonly buffer: Buffer;
  terms: Term[];
  readonly positions: readonly {
    readonly position: Scalar;
    readonly size: number;
    readonly factor: number;
    /** Whether the position differs from lane to lane. */
    readonly perLane: boolean;
  }[];
  /** Packed panels: the sum of `terms` is split into (panel, column) by `width`. */
  readonly panel?: { terms: Term[]; readonly width: number; readonly stride: number };
}

export type Combine = "sum" | "max";

/** What a reduction over nothing is. */
export function neutral(combine: Combine, type: ScalarType): number {
  if (combine === "sum") return 0;
  return type === "i32" ? -(2 ** 31) : Number.NEGATIVE_INFINITY;
}

/** A register that collects one reduction. */
export interface Accumulator {
  readonly type: ScalarType;
  readonly combine: Combine;
  /** How many lanes hold partial results, combined pairwise when it is read; 1 if none do. */
  readonly lanes: number;
}

/** A number of rounds: fixed, or what is left of `total` from the start of a block. */
export type Count =
  | number
  | {
      readonly total: number;
      readonly from: Variable;
      readonly atMost: number;
      readonly times: number;
    };

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
  /** Computes a value where it is first known; later statements use it. */
  | { readonly kind: "let"; readonly value: Scalar }
  | { readonly kind: "start"; readonly accumulator: Accumulator }
  | { readonly kind: "accumulate"; readonly accumulator: Accumulator; readonly value: Scalar }
  /** Writes, or combines with what is there. */
  | {
      readonly kind: "store";
      readonly address: Address;
      readonly value: Scalar;
      readonly combine: Combine | undefined;
    }
  | { readonly kind: "fill"; readonly buffer: Buffer; readonly value: number }
  /**
   * One tile of a matrix product from packed panels: C[r, c] = (or, from the second block of the
   * contraction on, +=) sum over d of A[d, r] B[d, c].
   */
  | {
      readonly kind: "tile";
      readonly type: "f32" | "f64";
      readonly a: Address;
      readonly b: Address;
      readonly c: Address;
      readonly depth: Count;
      /** Elements from one row of C to the next. */
      readonly rowStride: number;
      /** The block counter of the contraction, if it is cut: 0 in the first block. */
      readonly block: Variable | undefined;
    };

/** What a target's registers hold. */
export interface Target {
  readonly vectorBytes: number;
  /** Rows and columns of one tile of a matrix product. */
  readonly tile: Readonly<
    Record<"f32" | "f64", { readonly rows: number; readonly columns: number }>
  >;
}

/** What one kernel costs, for `explain`. */
export interface Cost {
  readonly flops: number;
  /** Bytes read from and written to buffers, each element counted once. */
  readonly bytes: number;
}

export interface Kernel {
  readonly name: string;
  /** What was fused here, for people. */
  readonly summary: string;
  readonly axes: string;
  readonly body: readonly Statement[];
  readonly reads: readonly Buffer[];
  readonly writes: readonly Buffer[];
  readonly scratch: readonly Buffer[];
  readonly cost: Cost;
}
