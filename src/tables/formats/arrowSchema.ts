/** What writers of Arrow (PyArrow, pandas, Polars) say of columns beyond the types of Parquet, in its metadata. */

/** Where the metadata of a file have the schema of Arrow. */
export const ARROW_SCHEMA = "ARROW:schema";

/** Of the types of Arrow, that of durations (`Type` of Schema.fbs). */
const DURATION = 18;
/** Digits behind the point of a second, by unit (`TimeUnit` of Schema.fbs): milliseconds unless given. */
const [DIGITS, MILLISECONDS] = [[0, 3, 6, 9], 1];

/** An encapsulated message begins by this mark and a length, of four bytes each. */
const PREFIX = 8;

/**
 * The columns that hold durations, with the decimal digits of their unit: 9 of nanoseconds.
 *
 * @param schema the value in the metadata: a message with a schema (FlatBuffers), in base64
 */
export function durationColumns(schema: string): ReadonlyMap<string, number> {
  const bytes = Uint8Array.from(atob(schema), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const follow = (at: number) => at + view.getUint32(at, true);
  /** Where a table has its field of this number; undefined where it has none. */
  const field = (table: number, number: number): number | undefined => {
    const offsets = table - view.getInt32(table, true);
    const slot = 4 + 2 * number;
    if (slot >= view.getUint16(offsets, true)) return undefined;
    const offset = view.getUint16(offsets + slot, true);
    return offset === 0 ? undefined : table + offset;
  };
  const textAt = (at: number) => {
    const from = follow(at);
    return new TextDecoder().decode(
      bytes.subarray(from + 4, from + 4 + view.getUint32(from, true)),
    );
  };
  const found = new Map<string, number>();
  const header = field(follow(PREFIX), 2);
  const fields = header && field(follow(header), 1);
  if (fields === undefined) return found;
  const list = follow(fields);
  for (let i = 0; i < view.getUint32(list, true); i++) {
    const column = follow(list + 4 + 4 * i);
    const [name, type, details] = [0, 2, 3].map((number) => field(column, number));
    if (name === undefined || type === undefined || view.getUint8(type) !== DURATION) continue;
    const unit = details && field(follow(details), 0);
    found.set(textAt(name), DIGITS[unit === undefined ? MILLISECONDS : view.getInt16(unit, true)]);
  }
  return found;
}
