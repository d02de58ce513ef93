/**
 * NPY, the format in which NumPy saves one array, versions 1 to 3.
 *
 * Written here rather than taken from npm: npyjs 1.2 compares neither the length of the data with
 * the shape (a truncated file gives a shorter array, silently) nor the byte order with the type.
 */
import { BYTES_OF_FILE, checkArguments, SurmiseError, TEXT } from "../../tensor/internal.ts";
import { requireFinite } from "../finite.ts";
import { gunzipIfNeeded } from "./gzip.ts";

/** The element types read, by NumPy's code for them: little-endian, or one byte each. */
const elementTypes = {
  "|u1": { dtype: "uint8", make: Uint8Array },
  "<i4": { dtype: "int32", make: Int32Array },
  "<f4": { dtype: "float32", make: Float32Array },
  "<f8": { dtype: "float64", make: Float64Array },
} as const;

/** What an NPY file of NumPy holds. */
export interface NpyArray {
  /** The values in C order (last axis fastest), in memory of their own. */
  data: Uint8Array | Int32Array | Float32Array | Float64Array;
  /** The type of `data`, as in the file. */
  dtype: "uint8" | "int32" | "float32" | "float64";
  /** Sizes of the axes; empty for a single number. */
  shape: number[];
}

const magic = "\x93NUMPY";

/**
 * Reads an NPY array of uint8, int32, float32 or float64 in C order, gzipped or not. `name` stands
 * for the file in messages.
 *
 * @throws SurmiseError if the bytes are not one whole NPY file, for another element type or memory
 * order (saying how to convert it in NumPy), and for values that are infinite or not a number.
 */
export async function readNpy(bytes: Uint8Array, name: string): Promise<NpyArray> {
  checkArguments("readNpy", { bytes }, BYTES_OF_FILE);
  checkArguments("readNpy", { name }, TEXT);
  const content = await gunzipIfNeeded(bytes, name);
  const { header, start } = splitHeader(content, name);
  const { dtype, make } = elementType(header, name);
  const shape = arrayShape(header, name);
  const count = shape.reduce((product, size) => product * size, 1);
  const expected = count * make.BYTES_PER_ELEMENT;
  if (content.length - start !== expected) {
    throw new SurmiseError(
      `${name}: NPY header says (${shape.join(", ")}) ${dtype}, ${expected} bytes of data; ` +
        `found ${content.length - start}: the file is truncated or corrupt`,
    );
  }
  const data = new make(content.slice(start).buffer, 0, count);
  if (dtype === "float32" || dtype === "float64") requireFinite(data, shape, name);
  return { data, dtype, shape };
}

/** A text of bytes, with those that are no plain characters by their codes. */
function readable(bytes: string): string {
  const code = (byte: string) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return `"${bytes.replace(/[^ -~]/g, code)}"`;
}

/** The text of the header and the byte at which the data start. */
function splitHeader(content: Uint8Array, name: string): { header: string; start: number } {
  const opening = Buffer.from(content.subarray(0, 6)).toString("latin1");
  if (opening !== magic) {
    throw new SurmiseError(
      `${name}: not an NPY file: it starts with ${readable(opening)}, expected ${readable(magic)}`,
    );
  }
  const version = content[6];
  const preamble = version === 1 ? 10 : 12;
  if (content.length < preamble) {
    throw new SurmiseError(
      `${name}: truncated: an NPY preamble takes ${preamble} bytes, the file has ${content.length}`,
    );
  }
  if (version < 1 || version > 3) {
    throw new SurmiseError(`${name}: NPY version (byte 6) is ${version}, only 1, 2 and 3 are read`);
  }
  const view = new DataView(content.buffer, content.byteOffset);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = preamble + length;
  if (content.length < start) {
    throw new SurmiseError(
      `${name}: truncated: the NPY header ends at byte ${start}, the file has ${content.length}`,
    );
  }
  return { header: Buffer.from(content.subarray(preamble, start)).toString("utf8"), start };
}

function elementType(header: string, name: string) {
  const code = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  if (code === undefined || !Object.hasOwn(elementTypes, code)) {
    throw new SurmiseError(
      `${name}: NPY element type ${code === undefined ? "is not a plain one" : `'${code}'`}: ` +
        `only ${Object.keys(elementTypes).join(", ")} are read; in NumPy: array.astype("<f8")`,
    );
  }
  return elementTypes[code as keyof typeof elementTypes];
}

function arrayShape(header: string, name: string): number[] {
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape'\s*:\s*\(((?:\s*\d+\s*,)*\s*\d*\s*)\)/.exec(header)?.[1];
  if (order === undefined || sizes === undefined) {
    const missing = order === undefined ? "fortran_order" : "shape";
    throw new SurmiseError(`${name}: NPY header has no valid '${missing}': ${header.trim()}`);
  }
  const shape = sizes
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  if (order === "True" && shape.length > 1) {
    throw new SurmiseError(
      `${name}: NPY array is in Fortran order, only C order is read; in NumPy: numpy.ascontiguousarray(array)`,
    );
  }
  return shape;
}
