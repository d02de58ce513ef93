import {
  type Axis,
  BYTES,
  checkArguments,
  DTYPE,
  type DType,
  NUMBER,
  objectWith,
  sizeOf,
} from "../tensor/internal.ts";

/**
 * A range of a program's memory that holds one tensor, row-major over `order`.
 *
 * - `input`: lives as long as the program; written from outside or updated in place.
 * - `literal`: filled once, when the program is made.
 * - `output`: read from outside after a run.
 * - `temporary`: lives from its first to its last kernel; others may use the bytes before and after.
 * - `scratch`: packed operands and tiles of one matrix product; each thread has its own.
 */
export interface Buffer {
  /** Unique in a program; what `explain` and printed code call it. */
  readonly name: string;
  /** What it holds, and for how long. */
  readonly kind: "input" | "literal" | "output" | "temporary" | "scratch";
  /** The type of its elements. */
  readonly dtype: DType;
  /** Its axes in the order of storage, outermost first (row-major). */
  readonly order: readonly Axis[];
  /** Number of elements. */
  readonly length: number;
}

/** A buffer of `length` elements, the product of the sizes of `order` unless given. */
export function buffer(
  name: string,
  kind: Buffer["kind"],
  dtype: DType,
  order: readonly Axis[],
  length = sizeOf(order),
): Buffer {
  return { name, kind, dtype, order, length };
}

/** Bytes a buffer takes. */
export function byteLength(b: Buffer): number {
  checkArguments("byteLength", { b }, objectWith({ length: NUMBER, dtype: DTYPE }));
  return b.length * BYTES[b.dtype];
}

/** Elements between neighbours along `a`; 0 if the buffer does not vary over it. */
export function stride(b: Buffer, a: Axis): number {
  const at = b.order.indexOf(a);
  return at < 0 ? 0 : sizeOf(b.order.slice(at + 1));
}
