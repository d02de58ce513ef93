/** Tables from the content of files: CSV, JSON and Parquet, as columns of plain cells. */
import {
  BYTES_OF_FILE,
  checkArguments,
  either,
  SurmiseError,
  TEXT,
} from "../../tensor/internal.ts";
import { type Cell, isObject, type Table, tableOfColumns, tableOfRows, toCell } from "../table.ts";
import { tableFromCsv } from "./csv.ts";
import { parseJson } from "./json.ts";
import { tableFromParquet } from "./parquet.ts";
import { decodeText } from "./text.ts";

type Parser = (bytes: Uint8Array, name: string) => Table | Promise<Table>;

const PARSERS: Readonly<Record<string, Parser>> = {
  csv: tableFromCsv,
  tsv: tableFromCsv,
  json: tableFromJson,
  parquet: tableFromParquet,
};

/** The endings of names of files that hold tables. */
const TABLE_ENDINGS: readonly string[] = Object.keys(PARSERS).map((ending) => `.${ending}`);

/**
 * What parses a file of this name.
 *
 * @throws SurmiseError if no table is read from such.
 */
export function checkTableName(name: string): Parser {
  const ending = /\.(\w+)$/.exec(name)?.[1].toLowerCase() ?? "";
  if (Object.hasOwn(PARSERS, ending)) return PARSERS[ending];
  throw new SurmiseError(
    `'${name}': tables are read from files that end in ${TABLE_ENDINGS.join(", ")}`,
  );
}

/**
 * The table that a file holds, from its text or its bytes: CSV or TSV with a header, JSON (a list of rows, or
 * an object of columns), Parquet; told apart by the ending of `name`.
 *
 * @throws SurmiseError if the name has another ending, or the content is no such table or has no rows.
 *
 * @example const columns = columnsOf(await parseTable(text, "schools.csv"));
 */
export async function parseTable(content: string | Uint8Array, name: string): Promise<Table> {
  checkArguments("parseTable", { content }, either(TEXT, BYTES_OF_FILE));
  checkArguments("parseTable", { name }, TEXT);
  const parse = checkTableName(name);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const table = await parse(bytes, name);
  if (table.rows === 0) throw new SurmiseError(`${name}: there are no rows in it`);
  return table;
}

/**
 * A list of objects, one for each row, or an object of lists of one length, one for each column, with single
 * values beside them.
 */
function tableFromJson(bytes: Uint8Array, name: string): Table {
  const found: unknown = inWords(name, () => parseJson(decodeText(bytes, name), name));
  if (Array.isArray(found) && found.every(isObject)) {
    return tableOfRows(found, name);
  }
  const entries: (readonly [string, unknown])[] = Object.entries(isObject(found) ? found : {});
  refuseNested(name, entries);
  const lists = entries.filter((entry): entry is readonly [string, unknown[]] =>
    Array.isArray(entry[1]),
  );
  const lengths = lists.map(([column, { length }]) => `${column}: ${length}`);
  if (lists.length === 0 || lists.some(([, { length }]) => length !== lists[0][1].length)) {
    throw new SurmiseError(
      `${name}: a list of rows, or lists of one length by the names of columns are needed; found ` +
        (lengths.length === 0
          ? "neither"
          : `lists of lengths {${lengths.join(", ")}}: give those of each length a file of their own, or ` +
            "repeat the shorter ones so that there is one value for each row"),
    );
  }
  const columns = lists.map(([column, list]) => [column, list.map(toCell(name, column))] as const);
  const scalars = entries
    .filter(([, value]) => !Array.isArray(value))
    .map(([scalar, value]) => [scalar, value === null ? undefined : (value as Cell)] as const);
  return tableOfColumns(columns, { name, rows: lists[0][1].length, where: "it", scalars });
}

/** @throws SurmiseError for a list of lists, and for values by name. */
function refuseNested(file: string, entries: readonly (readonly [string, unknown])[]): void {
  for (const [name, value] of entries) {
    if (isObject(value)) {
      throw new SurmiseError(
        `${file}: '${name}' holds values by name (${Object.keys(value).join(", ")}): write each as a column, ` +
          "or as a single value, of its own",
      );
    }
    if (Array.isArray(value) && value.some(Array.isArray)) {
      throw new SurmiseError(
        `${file}: '${name}' is a list of lists (a matrix): write each of its columns as a list of its own, such ` +
          `as ${name}1 and ${name}2, and take them side by side with columnsAlong`,
      );
    }
  }
}

/** What a parser says about a file, with the file's name. */
function inWords<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof SurmiseError) throw cause;
    throw new SurmiseError(`${name}: ${(cause as Error).message}`, { cause });
  }
}
