/** Parquet as a table, in which nothing of what a file holds is rounded. */
import {
  type ColumnData,
  type ParquetParsers,
  parquetMetadata,
  parquetRead,
  parquetSchema,
  type SchemaElement,
} from "hyparquet";
import { SurmiseError } from "../../tensor/index.ts";
import { type Cell, type Table, tableOfColumns, toCell } from "../table.ts";
import { ARROW_SCHEMA, durationColumns } from "./arrowSchema.ts";

const DAY = 86_400_000;
const MILLISECOND = 1_000_000n;

/** @throws SurmiseError beyond the years of the calendar (271,821 before our era to 275,760). */
function isoOf(milliseconds: number): string {
  const at = new Date(milliseconds);
  if (!Number.isNaN(at.getTime())) return at.toISOString();
  throw new SurmiseError(
    `it has a date that is ${milliseconds / DAY} days from 1970, which no calendar has: mend it, or leave the column out`,
  );
}

/** A moment as ISO 8601, in UTC, with what it has beyond milliseconds. */
function timeOf(nanoseconds: bigint): string {
  const rest = ((nanoseconds % MILLISECOND) + MILLISECOND) % MILLISECOND;
  const at = isoOf(Number((nanoseconds - rest) / MILLISECOND));
  return rest === 0n ? at : at.replace("Z", `${`${rest}`.padStart(6, "0")}Z`);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0"));
    throw new SurmiseError(
      `it has a text that is not UTF-8 (bytes ${start.join(" ")} ...): write numbers as numbers and texts in UTF-8`,
      { cause },
    );
  }
}

const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (value) => timeOf(BigInt(value) * MILLISECOND),
  timestampFromMicroseconds: (value) => timeOf(BigInt(value) * 1000n),
  timestampFromNanoseconds: (value) => timeOf(BigInt(value)),
  dateFromDays: (days) => isoOf(days * DAY).slice(0, -"T00:00:00.000Z".length),
  stringFromBytes: (bytes) => bytes && textOf(bytes),
};

/** @throws SurmiseError if the bytes are no such file, or compressed by what is not read. */
export async function tableFromParquet(bytes: Uint8Array, name: string): Promise<Table> {
  const { buffer, byteOffset, byteLength } = bytes;
  const file = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  try {
    const metadata = parquetMetadata(file);
    const elements = parquetSchema(metadata).children.map(({ element }) => element);
    const none = { name, rows: 0, where: "it" };
    tableOfColumns(
      elements.map((element) => [element.name, []]),
      none,
    );
    const readers = new Map<string, (found: unknown) => unknown>();
    const arrow = metadata.key_value_metadata?.find(({ key }) => key === ARROW_SCHEMA)?.value;
    for (const [column, digits] of arrow ? durationColumns(arrow) : []) {
      readers.set(column, (found) => decimalOf(found, digits));
    }
    for (const element of elements) {
      const digits = clockDigits(element);
      if (element.converted_type === "DECIMAL" || element.logical_type?.type === "DECIMAL") {
        const { scale = 0 } = element;
        readers.set(element.name, (found) => decimalOf(found, scale));
        // The package would multiply by a power of ten, which rounds.
        delete element.converted_type;
        delete element.logical_type;
      } else if (digits !== undefined) {
        readers.set(element.name, (found) => clockOf(found, digits));
      } else if (element.type === "BYTE_ARRAY") {
        readers.set(element.name, (found) => (found instanceof Uint8Array ? textOf(found) : found));
      }
    }
    const chunks: ColumnData[] = [];
    // An error in the callback would be nobody's: cells are made of chunks when all are there.
    const onChunk = (chunk: ColumnData) => chunks.push(chunk);
    await parquetRead({ file, metadata, parsers: PARSERS, utf8: false, onChunk });
    const rows = Number(metadata.num_rows);
    const cells = new Map(elements.map((element) => [element.name, new Array<Cell>(rows)]));
    for (const { columnName, columnData, rowStart } of chunks) {
      const column = cells.get(columnName) as Cell[];
      const read = readers.get(columnName);
      const cellOf = toCell(name, columnName);
      for (let i = 0; i < columnData.length; i++) {
        const found = columnData[i];
        column[rowStart + i] = cellOf(read?.(found) ?? found, rowStart + i);
      }
    }
    return tableOfColumns([...cells], { name, rows, where: "it" });
  } catch (cause) {
    const { message } = cause as Error;
    if (cause instanceof SurmiseError && message.startsWith(name)) throw cause;
    const [, codec] = /unsupported compression codec: (\w+)/.exec(message) ?? [];
    const why =
      codec === undefined
        ? message
        : `it is compressed by ${codec}, which is not read: write it with snappy or without compression, such as ` +
          'by to_parquet(file, compression="snappy")';
    throw new SurmiseError(`${name}: ${why}`, { cause });
  }
}

/** Digits behind the point of a second of a time of day, if a column holds some. */
function clockDigits({ converted_type, logical_type }: SchemaElement): number | undefined {
  if (logical_type?.type === "TIME") return { MILLIS: 3, MICROS: 6, NANOS: 9 }[logical_type.unit];
  if (converted_type === "TIME_MILLIS") return 3;
  return converted_type === "TIME_MICROS" ? 6 : undefined;
}

/** A time of day as ISO 8601: 10:30:00, or 10:30:00.500. */
function clockOf(found: unknown, digits: number): unknown {
  if (found === undefined || found === null) return undefined;
  const units = BigInt(found as number | bigint);
  const second = 10n ** BigInt(digits);
  const [seconds, rest] = [units / second, units % second];
  const parts = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n];
  const clock = parts.map((part) => `${part}`.padStart(2, "0")).join(":");
  return rest === 0n ? clock : `${clock}.${`${rest}`.padStart(digits, "0")}`;
}

/** A decimal number as it is written: whole units, or the bytes of them (two's complement, most significant first). */
function decimalOf(found: unknown, scale: number): unknown {
  if (found === undefined || found === null) return undefined;
  const units = found instanceof Uint8Array ? wholeOf(found) : BigInt(found as number | bigint);
  const digits = `${units < 0n ? -units : units}`.padStart(scale + 1, "0");
  const point = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return units < 0n ? `-${text}` : text;
}

function wholeOf(bytes: Uint8Array): bigint {
  const value = bytes.reduce((sum, byte) => 256n * sum + BigInt(byte), 0n);
  return BigInt.asIntN(8 * bytes.length, value);
}
