/**
 * IDX, the format of MNIST: two zero bytes, a type code, the number of axes, the size of each axis
 * as a big-endian 32-bit integer, then the values with the last axis fastest.
 */
import { BYTES_OF_FILE, checkArguments, SurmiseError, TEXT } from "../../tensor/internal.ts";
import { gunzipIfNeeded } from "./gzip.ts";

/** What an IDX file, the format of MNIST, holds. */
export interface IdxArray {
  /** The values, last axis fastest; a view of the bytes given if these were not compressed. */
  data: Uint8Array;
  /** Sizes of the axes, for instance [60000, 28, 28]. */
  shape: number[];
}

/** The one element type read: unsigned bytes, as in MNIST and all sets made in its likeness. */
const unsignedByte = 0x08;

const typeNames: Record<number, string> = {
  9: "signed bytes",
  11: "16-bit integers",
  12: "32-bit integers",
  13: "32-bit floats",
  14: "64-bit floats",
};

/**
 * Reads an IDX array of unsigned bytes, gzipped or not. `name` stands for the file in messages.
 *
 * @throws SurmiseError naming the header field, or the number of bytes expected and found, if the
 * bytes are not one whole IDX file.
 */
export async function readIdx(bytes: Uint8Array, name: string): Promise<IdxArray> {
  checkArguments("readIdx", { bytes }, BYTES_OF_FILE);
  checkArguments("readIdx", { name }, TEXT);
  const content = await gunzipIfNeeded(bytes, name);
  requireBytes(content, 4, name, "the IDX magic number");
  const [zero0, zero1, type, rank] = content;
  if (zero0 !== 0 || zero1 !== 0) {
    throw new SurmiseError(
      `${name}: not an IDX file: the first two bytes are ${hex(zero0)} ${hex(zero1)}, expected 00 00`,
    );
  }
  if (type !== unsignedByte) {
    const found = typeNames[type] ?? "no type of the format";
    throw new SurmiseError(
      `${name}: IDX element type (byte 2) is ${hex(type)}, ${found}; only 08, unsigned bytes, is read`,
    );
  }
  if (rank === 0) {
    throw new SurmiseError(`${name}: IDX number of axes (byte 3) is 0, expected 1 or more`);
  }
  const start = 4 + 4 * rank;
  requireBytes(content, start, name, `an IDX header with ${rank} axis sizes`);
  const header = new DataView(content.buffer, content.byteOffset, start);
  const shape = Array.from({ length: rank }, (_, i) => header.getUint32(4 + 4 * i));
  const count = shape.reduce((product, size) => product * size, 1);
  if (content.length !== start + count) {
    throw new SurmiseError(
      `${name}: IDX header says ${shape.join(" x ")} bytes, so the file has ${start + count} bytes; ` +
        `found ${content.length}: it is ${content.length < start + count ? "truncated" : "too long"}`,
    );
  }
  return { data: content.subarray(start), shape };
}

function requireBytes(content: Uint8Array, least: number, name: string, what: string): void {
  if (content.length < least) {
    throw new SurmiseError(
      `${name}: truncated: ${what} takes ${least} bytes, the file has ${content.length}`,
    );
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
