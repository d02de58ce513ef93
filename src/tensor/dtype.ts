import { shown } from "./arguments/numbers.ts";
import { SurmiseError } from "./errors.ts";

/** The data types. float32 is the default; comparisons give uint8 (0 or 1). */
export const DTYPES = ["float32", "float64", "int32", "uint8"] as const;

/** The data type of a node. */
export type DType = (typeof DTYPES)[number];

/** What computes with floating-point numbers: every float32 of an expression may stand for either. */
export type Precision = "float32" | "float64";

/** The arrays that hold data: one for each `DType`. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** The size of an element. */
export const BYTES: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  int32: 4,
  uint8: 1,
};

/** The smallest and the largest number of each type of whole numbers. */
export const WHOLE_RANGE: Readonly<Record<"int32" | "uint8", readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
};

/** @throws SurmiseError if `dtype` is no data type; `what` begins the message. */
export function checkDType(what: string, dtype: unknown): asserts dtype is DType {
  if (DTYPES.includes(dtype as DType)) return;
  throw new SurmiseError(
    `${what}: there is no data type ${shown(dtype)}; the types are ${DTYPES.join(", ")}`,
  );
}

/** A new zero-filled array of `length` elements, optionally a view at `offset` bytes of `buffer`. */
export function allocate(
  dtype: DType,
  length: number,
  buffer: ArrayBufferLike = new ArrayBuffer(length * BYTES[dtype]),
  offset = 0,
): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(buffer, offset, length);
    case "float64":
      return new Float64Array(buffer, offset, length);
    case "int32":
      return new Int32Array(buffer, offset, length);
    case "uint8":
      return new Uint8Array(buffer, offset, length);
  }
}

/** Whether `dtype` is float32 or float64. */
export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

/** The value of type `dtype` nearest to `x` (floats), or `x` wrapped to the type (integers). */
export function roundTo(dtype: DType, x: number): number {
  switch (dtype) {
    case "float32":
      return Math.fround(x);
    case "float64":
      return x;
    case "int32":
      return x | 0;
    case "uint8":
      return x & 255;
  }
}

/**
 * Why a number must not become one of type `dtype`, or undefined if it may: fractions are rounded to the
 * nearest float, but nothing wraps, is cut off or becomes infinite.
 */
export function whyNot(dtype: DType, x: number): string | undefined {
  if (dtype === "float64") return undefined;
  if (dtype === "float32") {
    const overflows = Number.isFinite(x) && !Number.isFinite(Math.fround(x));
    return overflows ? "float32 ends at 3.4e38" : undefined;
  }
  const [least, most] = WHOLE_RANGE[dtype];
  if (Number.isInteger(x) && x >= least && x <= most) return undefined;
  return `${dtype} holds whole numbers from ${least} to ${most}`;
}
