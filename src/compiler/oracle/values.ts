/** What is known of a node while the oracle works. */
import { type Axis, type DType, sizeOf, type Tensor } from "../../tensor/index.ts";

/** Values over axes, row-major, with what is known of them. */
export interface BoundedValues {
  /** In the order of storage. */
  readonly axes: readonly Axis[];
  /** The type that a program computes them in. */
  readonly dtype: DType;
  /** In doubles. */
  readonly values: Float64Array;
  /** Bound on |what a program computes - value|; infinite where nothing can be said (unsure). */
  readonly error: Float64Array;
  /**
   * Of products, and sums of them: no partial product or partial sum, in whatever order the factors
   * and terms are taken, is larger than this. At least 1.
   */
  readonly spread?: Float64Array | undefined;
  /** Of sums, and products with them: the sum of the absolute values of all terms. */
  readonly mass?: Float64Array | undefined;
  /** How many terms were added up in `mass`. */
  readonly terms?: number | undefined;
}

/** Zeros to be filled in. */
export function blank(node: Tensor): BoundedValues {
  const n = sizeOf(node.axes);
  const { axes, dtype } = node;
  return { axes, dtype, values: new Float64Array(n), error: new Float64Array(n) };
}

/** `spread` of element `i`; its largest absolute value, at least 1, where it is no product. */
export function spreadAt(x: BoundedValues, i: number): number {
  return x.spread === undefined ? Math.max(1, Math.abs(x.values[i]) + x.error[i]) : x.spread[i];
}

/** `mass` of element `i`; its largest absolute value where it is no sum. */
export function massAt(x: BoundedValues, i: number): number {
  return x.mass === undefined ? Math.abs(x.values[i]) + x.error[i] : x.mass[i];
}
