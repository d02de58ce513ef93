/**
 * safetensors, the format in which Hugging Face keeps weights: the length of the header as a
 * little-endian 64-bit integer, a JSON header `{NAME: {dtype, shape, data_offsets: [from, to]}}`
 * with strings under `__metadata__`, then the values, little-endian, in row-major order, without
 * gaps. Written here because the npm package of that name is at 0.0.1 and not kept up.
 * Files written here have a checksum over all their bytes among the strings, under `checksum`.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isSealed, seal, UNSEALED } from "../../runtime/internal.ts";
import {
  AXIS,
  type Axis,
  allocate,
  BYTES,
  BYTES_OF_FILE,
  checkArguments,
  type DType,
  dtypeOf,
  listOf,
  NUMBERS,
  objectWith,
  optional,
  recordOf,
  SurmiseError,
  TEXT,
  type TypedArray,
} from "../../tensor/internal.ts";
import { writeWhole } from "../files.ts";

/** Values with their type and the sizes of their axes, last axis fastest. */
export interface StoredTensor {
  /** The type of the elements. */
  readonly dtype: DType;
  /** The sizes of the axes, outermost first; none for a scalar. */
  readonly shape: readonly number[];
  /** Row-major, as many as the product of `shape`. */
  readonly data: TypedArray;
}

/** What a safetensors file holds. */
export interface TensorFile {
  /** By name. */
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Values over axes, such as the parameters that `fit` returns; without axes a list. */
export interface NamedValues {
  /** Outermost first. */
  readonly axes?: readonly Axis[];
  /** Row-major, of the type that is written. */
  readonly data: TypedArray;
}

/** What is written as a safetensors file. */
export interface WritableTensors {
  /** By name. */
  readonly tensors: Readonly<Record<string, StoredTensor | NamedValues>>;
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What an argument that is `WritableTensors` must be. */
const WRITABLE = objectWith({
  tensors: recordOf(
    objectWith({ shape: optional(NUMBERS), axes: optional(listOf(AXIS)), data: NUMBERS }),
  ),
  metadata: recordOf(TEXT),
});

const CODES: Readonly<Record<DType, string>> = {
  float32: "F32",
  float64: "F64",
  int32: "I32",
  uint8: "U8",
};
const DTYPES = new Map(Object.entries(CODES).map(([dtype, code]) => [code, dtype as DType]));

const METADATA = "__metadata__";
/** What `format` of the metadata begins with in files that have a checksum. */
const OURS = "surmise ";
const FORMAT = `${OURS}tensors 1`;
/** Values start at a multiple of this many bytes, so that they can be used where they lie. */
const ALIGNMENT = 8;
/** The largest header that readers of this format accept. */
const MOST_HEADER = 100_000_000;

/** The file as bytes, with its checksum; the same content gives the same bytes. Wide types come first, for alignment. */
export function encodeTensors(file: WritableTensors): Uint8Array {
  checkArguments("encodeTensors", { file }, WRITABLE);
  const { tensors, metadata } = file;
  const wide = (entry: readonly [string, StoredTensor]) => BYTES[entry[1].dtype];
  const entries = Object.entries(tensors)
    .map(([name, values]) => [name, stored(values)] as const)
    .sort((a, b) => wide(b) - wide(a));
  const header: Record<string, unknown> = Object.create(null);
  header[METADATA] = { format: FORMAT, ...metadata, checksum: UNSEALED };
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    if (name === METADATA) throw new SurmiseError(`a tensor cannot be named ${METADATA}`);
    const from = end;
    end += data.byteLength;
    header[name] = { dtype: CODES[dtype], shape, data_offsets: [from, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = Buffer.alloc(8 + padded + end, " ");
  bytes.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(bytes, 8);
  let at = 8 + padded;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  seal(bytes, { createHash }, 8 + padded);
  return bytes;
}

function stored(values: StoredTensor | NamedValues): StoredTensor {
  if ("shape" in values) return values;
  const { axes, data } = values;
  const shape = axes?.map(({ size }) => size) ?? [data.length];
  return { dtype: dtypeOf(data) as DType, shape, data };
}

/**
 * The content of a file, of surmise or another program; `name` stands for it in messages. The values
 * are copies.
 *
 * @throws SurmiseError if the bytes are not one whole file, do not have the checksum they were written
 * with (files of other programs have none), or hold a type other than F32, F64, I32 and U8.
 */
export function decodeTensors(bytes: Uint8Array, name: string): TensorFile {
  checkArguments("decodeTensors", { bytes }, BYTES_OF_FILE);
  checkArguments("decodeTensors", { name }, TEXT);
  const refuse = (what: string): never => {
    throw new SurmiseError(`${name}: not a whole safetensors file: ${what}`);
  };
  if (bytes.length < 8) refuse(`it has ${bytes.length} bytes, its header length alone takes 8`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const stated = view.readBigUInt64LE(0);
  const length = Number(stated);
  if (length > MOST_HEADER || 8 + length > bytes.length) {
    refuse(`its header should have ${stated} bytes, ${bytes.length - 8} follow`);
  }
  const header = parseHeader(view.toString("utf8", 8, 8 + length), refuse);
  const { checksum = "", ...metadata } = metadataOf(header, refuse);
  // Either sign is enough: one of them may be what was damaged.
  const isOurs = metadata.format?.startsWith(OURS) || checksum.length === UNSEALED.length;
  if (isOurs && !isSealed(bytes, { createHash }, 8 + length)) {
    refuse("its bytes do not have the checksum that they were written with");
  }
  const values = bytes.subarray(8 + length);
  const tensors: Record<string, StoredTensor> = Object.create(null);
  const places: { readonly key: string; readonly from: number; readonly to: number }[] = [];
  for (const [key, entry] of Object.entries(header)) {
    if (key === METADATA) continue;
    const { dtype, shape, from, to } = checkEntry(key, entry, refuse);
    if (to > values.length) {
      refuse(`'${key}' ends at byte ${to} of the values, only ${values.length} are there`);
    }
    const data = allocate(dtype, (to - from) / BYTES[dtype]);
    new Uint8Array(data.buffer).set(values.subarray(from, to));
    tensors[key] = { dtype, shape, data };
    places.push({ key, from, to });
  }
  places.sort((a, b) => a.from - b.from || a.to - b.to);
  const end = places.reduce((before, { key, from, to }) => {
    if (from !== before) {
      refuse(`'${key}' begins at byte ${from} of the values, where byte ${before} comes next`);
    }
    return to;
  }, 0);
  if (end !== values.length) {
    refuse(`the tensors take ${end} bytes, ${values.length} are there`);
  }
  return { tensors, metadata };
}

/** Writes a file, whole or not at all. */
export async function writeTensors(path: string, content: WritableTensors): Promise<void> {
  checkArguments("writeTensors", { path }, TEXT);
  checkArguments("writeTensors", { content }, WRITABLE);
  await writeWhole(path, encodeTensors(content));
}

/**
 * Reads a file.
 *
 * @throws SurmiseError if it cannot be read, and as `decodeTensors`.
 */
export async function readTensors(path: string): Promise<TensorFile> {
  checkArguments("readTensors", { path }, TEXT);
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new SurmiseError(`cannot read '${path}' (${cause.message})`, { cause });
  });
  return decodeTensors(bytes, path);
}

type Refuse = (what: string) => never;

function parseHeader(text: string, refuse: Refuse): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    refuse("its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    refuse("its header is not a JSON object");
  }
  return header as Record<string, unknown>;
}

function metadataOf(header: Record<string, unknown>, refuse: Refuse): Record<string, string> {
  const found = header[METADATA] ?? {};
  const areStrings = Object.values(found).every((value) => typeof value === "string");
  if (typeof found !== "object" || !areStrings) refuse("its metadata are not strings by name");
  return found as Record<string, string>;
}

function checkEntry(key: string, entry: unknown, refuse: Refuse) {
  const { dtype: code, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2 || typeof code !== "string") {
    return refuse(`the entry of '${key}' is not {dtype, shape, data_offsets}`);
  }
  const dtype = DTYPES.get(code);
  if (dtype === undefined) {
    return refuse(`'${key}' is of type ${code}; only ${[...DTYPES.keys()].join(", ")} are read`);
  }
  const [from, to] = offsets;
  const needed = shape.reduce((a, b) => a * b, BYTES[dtype]);
  if (to - from !== needed) {
    return refuse(
      `'${key}' (${shape.join(" x ")} ${code}) takes ${needed} bytes, not ${to - from}`,
    );
  }
  return { dtype, shape, from, to };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
