/** Files that may or may not be gzipped: told apart by their first two bytes, not by their name. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { SurmiseError } from "../../tensor/index.ts";

const unpack = promisify(gunzip);

/** Whether `bytes` begin as gzip files do. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The content of a gzip file, or `bytes` if it is none: a plain Uint8Array, never a Buffer, whose
 * `slice` does not copy.
 *
 * @throws SurmiseError naming the file (`name`) if it is cut off or damaged.
 */
export async function gunzipIfNeeded(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  if (!isGzip(bytes)) return plain(bytes);
  try {
    return plain(await unpack(bytes));
  } catch (error) {
    throw new SurmiseError(
      `${name}: gzip file truncated or corrupt after ${bytes.length} bytes: ${(error as Error).message}`,
    );
  }
}

function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
