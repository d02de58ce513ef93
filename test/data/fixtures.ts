/** Small files in the formats the readers know. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** An IDX file of unsigned bytes. */
export function idx(shape: readonly number[], values: ArrayLike<number>): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = 0x08;
  header[3] = shape.length;
  shape.forEach((size, axis) => {
    header.writeUInt32BE(size, 4 + 4 * axis);
  });
  return Buffer.concat([header, Uint8Array.from(values)]);
}

/** An NPY file with `header` as its dictionary, laid out as NumPy does: data start at 64 bytes. */
export function npy(header: string, data: ArrayBufferView, version = 1): Buffer {
  const preamble = Buffer.alloc(version === 1 ? 10 : 12);
  preamble.write("\x93NUMPY", "latin1");
  preamble[6] = version;
  const padded = header.padEnd(
    Math.ceil((preamble.length + header.length + 1) / 64) * 64 - preamble.length - 1,
  );
  const text = Buffer.from(`${padded}\n`);
  if (version === 1) preamble.writeUInt16LE(text.length, 8);
  else preamble.writeUInt32LE(text.length, 8);
  return Buffer.concat([
    preamble,
    text,
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  ]);
}

export function npyHeader(descr: string, shape: string, order = "False"): string {
  return `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A function that makes empty folders, all removed when the tests of the file are over. */
export function temporaryFolders(): () => string {
  const made: string[] = [];
  afterAll(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), "surmise-data-"));
    made.push(folder);
    return folder;
  };
}

/** Parquet files of one or two columns as PyArrow 26 writes them, without compression unless named so. */
export const PYARROW = {
  clock: Buffer.from(
    "UEFSMRUAFSwVLCwVBBUAFQYVBhwAAAACAAAABAEBOg7NCAAAAAAAAAAAAAAAFQAVHBUcLBUEFQAVBhUGHAAAAAIAAAAEATTKQAIBAAAAFQAVLBUsLBUEFQAVBhUGHAAAAAIAAAAEAQEAAAAAAAAA//9OkZROAAAVBBlMNQAYBnNjaGVtYRUGABUEJQIYAWFsfBIcLAAAAAAAFQIlAhgBYmx8EhwcAAAAAAAVBCUCGAFjbHwSHDwAAAAAABYEGRwZPCYAHBUEGSUGABkYAWEVABYEFlIWUiYISRwVABUAFQIAPCkGGSYABAAAACYAHBUCGSUGABkYAWIVABYEFkIWQiZaSRwVABUAFQIAPCkGGSYABAAAACYAHBUEGSUGABkYAWMVABYEFlIWUiacAUkcFQAVABUCADwpBhkmAAQAAAAW5gEWBCYIFuYBACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4wLjEZPBwAABwAABwAAAACAQAAUEFSMQ==",
    "base64",
  ),
  durations: Buffer.from(
    "UEFSMRUAFSwVLCwVBBUAFQYVBhwAAAACAAAABAEAL2hZAAAAAP//////////FQAVHBUcLBUEFQAVBhUGHAAAAAIAAAADAVoAAAAAAAAAFQAVLBUsLBUEFQAVBhUGHAAAAAIAAAAEAQEAAAAAAAAAAgAAAAAAAAAVBBlMNQAYBnNjaGVtYRUGABUEJQIYAWEAFQQlAhgBYgAVBCUCGAFjABYEGRwZPCYAHBUEGSUGABkYAWEVABYEFlIWUiYISRwVABUAFQIAPCkGGSYABAAAACYAHBUEGSUGABkYAWIVABYEFkIWQiZaSRwVABUAFQIAPCkGGSYCAgAAACYAHBUEGSUGABkYAWMVABYEFlIWUiacAUkcFQAVABUCADwpBhkmAAQAAAAW5gEWBCYIFuYBABkcGAxBUlJPVzpzY2hlbWEYmAIvLy8vLzhnQUFBQVFBQUFBQUFBS0FBd0FCZ0FGQUFnQUNnQUFBQUFCQkFBTUFBQUFDQUFJQUFBQUJBQUlBQUFBQkFBQUFBTUFBQUJzQUFBQU1BQUFBQVFBQUFDdy8vLy9BQUFCRWhBQUFBQVlBQUFBQkFBQUFBQUFBQUFCQUFBQVl3QUFBQVFBQkFBRUFBQUEyUC8vL3dBQUFSSVFBQUFBRkFBQUFBUUFBQUFBQUFBQUFRQUFBR0lBQUFESy8vLy9BQUFBQUJBQUZBQUlBQVlBQndBTUFBQUFFQUFRQUFBQUFBQUJFaEFBQUFBWUFBQUFCQUFBQUFBQUFBQUJBQUFBWVFBR0FBZ0FCZ0FHQUFBQUFBQURBQT09ABggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4wLjEZPBwAABwAABwAAAATAgAAUEFSMQ==",
    "base64",
  ),
  lists: Buffer.from(
    "UEFSMRUAFUgVSCwVBhUAFQYVBhwAAAACAAAAAwICAAAABgMBAAAAAAAAAAIAAAAAAAAAAwAAAAAAAAAVBBlMNQAYBnNjaGVtYRUCADUCGAF5FQIVBkw8AAAANQQYBGxpc3QVAgAVBCUCGAdlbGVtZW50ABYEGRwZHCYAHBUEGSUGABk4AXkEbGlzdAdlbGVtZW50FQAWBhZuFm4mCEkcFQAVABUCADwpJgQCGUYAAAAGAAAAFm4WBCYIFm4AKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI2LjAuMRkcHAAAAKoAAABQQVIx",
    "base64",
  ),
  decimals: Buffer.from(
    "UEFSMRUAFSgVKCwVBBUAFQYVBhwAAAACAAAABAEAAAAAAAEs3////////xUAFTAVMCwVBBUAFQYVBhwAAAACAAAABAEAACAAAAAAAAEAACAAAAAAAAAVBBk8NQAYBnNjaGVtYRUEABUOFQ4VAhgBeSUKFQYVICxcFQYVIAAAABUOFRIVAhgBZyUKFQAVKCxcFQAVKAAAABYEGRwZLCYAHBUOGSUGABkYAXkVABYEFk4WTiYISRwVABUAFQIAPCkGGSYABAAAACYAHBUOGSUGABkYAWcVABYEFlYWViZWSRwVABUAFQIAPCkGGSYABAAAABakARYEJggWpAEAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI2LjAuMRksHAAAHAAAANEAAABQQVIx",
    "base64",
  ),
  bigDecimal: Buffer.from(
    "UEFSMRUAFTAVMCwVBBUAFQYVBhwAAAACAAAABAEAAAAAAAAAAGQADIAAAAAAAGQVBBksNQAYBnNjaGVtYRUCABUOFRIVAhgBeSUKFQQVKCxcFQQVKAAAABYEGRwZHCYAHBUOGSUGABkYAXkVABYEFlYWViYISRwVABUAFQIAPCkGGSYABAAAABZWFgQmCBZWACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4wLjEZHBwAAACKAAAAUEFSMQ==",
    "base64",
  ),
  times: Buffer.from(
    "UEFSMRUAFTwVPCwVBhUAFQYVBhwAAAACAAAABgECAAAAAAAAAAEAAAAAAAAA//////////8VABUkFSQsFQYVABUGFQYcAAAAAgAAAAYBRk0AAP////8AAAAAFQQZPDUAGAZzY2hlbWEVBAAVBCUCGAFnbIwSHDwAAAAAABUCJQIYAWQlDExsAAAAFgYZHBksJgAcFQQZJQYAGRgBZxUAFgYWYhZiJghJHBUAFQAVAgA8KQYZJgAGAAAAJgAcFQIZJQYAGRgBZBUAFgYWShZKJmpJHBUAFQAVAgA8KQYZJgAGAAAAFqwBFgYmCBasAQAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGSwcAAAcAAAAwAAAAFBBUjE=",
    "base64",
  ),
  zstd: Buffer.from(
    "UEFSMRUAFSwVPiwVBBUAFQYVBhwAAAAotS/9IBaxAAACAAAABAEAAAAAAADwPwAAAAAAAABAFQQZLDUAGAZzY2hlbWEVAgAVCiUCGAF5ABYEGRwZHCYAHBUKGSUGABkYAXkVDBYEFlIWZCYISRwVABUAFQIAPCkGGSYABAAAABZSFgQmCBZkACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4wLjEZHBwAAAB6AAAAUEFSMQ==",
    "base64",
  ),
  binary: Buffer.from(
    "UEFSMRUAFRgVGCwVAhUAFQYVBhwAAAACAAAAAgECAAAA//4VBBksNQAYBnNjaGVtYRUCABUMJQIYAXkAFgIZHBkcJgAcFQwZJQYAGRgBeRUAFgIWPhY+JghJHBUAFQAVAgA8FgQZBhkmAAIAAAAWPhYCJggWPgAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGRwcAAAAfAAAAFBBUjE=",
    "base64",
  ),
} as const;
