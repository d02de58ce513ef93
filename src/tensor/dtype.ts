/** The data type of a node. float32 is the default; comparisons give uint8 (0 or 1). */
export type DType = "float32" | "float64" | "int32" | "uint8";

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

export const BYTES: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  int32: 4,
  uint8: 1,
};

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
