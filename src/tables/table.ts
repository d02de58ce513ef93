/** Tables from the content of files: CSV, JSON and Parquet, as columns of plain cells. */
import { parse } from "csv-parse/browser/esm/sync";
import { parquetReadObjects } from "hyparquet";
import { BYTES_OF_FILE, checkArguments, either, SurmiseError, TEXT } from "../tensor/internal.ts";
import { parseJson } from "./json.ts";
import { decodeText } from "./text.ts";

/** What a file holds at one place; undefined where it holds nothing. */
export type Cell = string | number | boolean | bigint | Date | undefined;

/** Columns of one length. */
export interface Table {
  /** The file's name, for messages. */
  readonly name: string;
  /** How many values each column has. */
  readonly rows: number;
  /** The values of each column, by its name, in the order of the file. */
  readonly columns: Readonly<Record<string, readonly Cell[]>>;
  /** Single values beside the columns, as JSON files may have them. */
  readonly scalars?: Readonly<Record<string, Cell>>;
  /** Of a table whose rows follow those of another: that one. */
  readonly before?: Pick<Table, "name" | "rows">;
}

/** A row of a file by the names of its columns; null stands for nothing too. */
type Row = Readonly<Record<string, unknown>>;

type Parser = (bytes: Uint8Array, name: string) => Table | Promise<Table>;

const PARSERS: Readonly<Record<string, Parser>> = {
  csv: tableFromCsv,
  tsv: tableFromCsv,
  json: tableFromJson,
  parquet: tableFromParquet,
};

/** The endings of names of files that hold tables. */
export const TABLE_ENDINGS: readonly string[] = Object.keys(PARSERS).map((ending) => `.${ending}`);

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

/** Comma, semicolon or tab: whichever the header has most of. Blanks around a cell are not part of it. */
export function tableFromCsv(bytes: Uint8Array, name: string): Table {
  const text = decodeText(bytes, name);
  const [header] = text.split(/\r?\n/, 1);
  const count = (separator: string) => header.split(separator).length;
  const [delimiter] = [",", ";", "\t"].sort((a, b) => count(b) - count(a));
  const lines =
    plainLines(text, delimiter) ??
    (inWords(name, () =>
      parse(text, { delimiter, bom: true, trim: true, skip_empty_lines: true }),
    ) as string[][]);
  const [line = [], ...rows] = lines;
  const names = line.map((each) => each.normalize("NFC"));
  const seen = new Set<string>();
  const twice = names.find((each) => seen.size === seen.add(each).size);
  if (twice !== undefined) {
    throw new SurmiseError(
      `${name}: the header has two columns '${twice}': give each a name of its own`,
    );
  }
  const cellOf = (text: string) => (text === "" ? undefined : text);
  const columns = names.map((each, i) => [each, rows.map((row) => cellOf(row[i]))]);
  return { name, rows: rows.length, columns: Object.fromEntries(columns) };
}

/** Around a cell. */
const BLANKS = /^[ \t\f]+|[ \t\f]+$/g;

/**
 * The cells of a text in which no separator is quoted, which most large tables are: in a tenth of the time of the parser.
 * Undefined if there is anything about it that the parser should see, such as lines of different lengths.
 */
function plainLines(text: string, delimiter: string): string[][] | undefined {
  if (delimiter === "\t" || text.includes('"')) return undefined;
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const separator = body.includes("\r") ? "\r\n" : "\n";
  const lines: string[][] = [];
  for (const line of body.split(separator)) {
    if (line === "") continue;
    if (line.includes("\r") || line.includes("\n") || line.trim() === "") return undefined;
    const cells = line.split(delimiter).map((cell) => cell.replace(BLANKS, ""));
    if (lines.length > 0 && cells.length !== lines[0].length) return undefined;
    lines.push(cells);
  }
  return lines;
}

/**
 * A list of objects, one for each row, or an object of lists of one length, one for each column, with single
 * values beside them.
 */
export function tableFromJson(bytes: Uint8Array, name: string): Table {
  const found: unknown = inWords(name, () => parseJson(decodeText(bytes, name), name));
  if (Array.isArray(found) && found.every(isObject)) {
    return tableOfRows(found, name);
  }
  const entries = Object.entries(isObject(found) ? found : {}).map(
    ([column, value]) => [column.normalize("NFC"), value] as const,
  );
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
  const columns = lists.map(([column, list]) => [column, list.map(toCell(name, column))]);
  const scalars = entries
    .filter(([, value]) => !Array.isArray(value))
    .map(([scalar, value]) => [scalar, value === null ? undefined : value]);
  return {
    name,
    rows: lists[0][1].length,
    columns: Object.fromEntries(columns),
    scalars: Object.fromEntries(scalars),
  };
}

/** Whether it has values by name. */
function isObject(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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

async function tableFromParquet(bytes: Uint8Array, name: string): Promise<Table> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = await parquetReadObjects({ file: file as ArrayBuffer }).catch((cause: Error) => {
    throw new SurmiseError(`${name}: ${cause.message}`, { cause });
  });
  return tableOfRows(rows, name);
}

function tableOfRows(rows: readonly Row[], name: string): Table {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((column) => [column, rows.map((row) => row[column])] as const);
  const cells = columns.map(([column, found]) => [column, found.map(toCell(name, column))]);
  return { name, rows: rows.length, columns: Object.fromEntries(cells) };
}

const toCell = (file: string, column: string) => (found: unknown, row: number) => {
  if (found === null || found === undefined || Number.isNaN(found)) return undefined;
  if (found instanceof Date && Number.isNaN(found.getTime())) return undefined;
  const isCell =
    ["string", "number", "boolean", "bigint"].includes(typeof found) || found instanceof Date;
  if (isCell) return found as Cell;
  throw new SurmiseError(
    `${file}: row ${row + 1} of column '${column}' holds ${JSON.stringify(found)}: a cell is a ` +
      "number, a text, true or false, or nothing",
  );
};

/** What a parser says about a file, with the file's name. */
function inWords<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof SurmiseError) throw cause;
    throw new SurmiseError(`${name}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The rows of `first`, then those of `table`, with the columns of `first`, which are empty where `table` lacks them, and
 * the single values of both, those of `table` where both have one.
 */
export function afterRows(first: Table, table: Table): Table {
  const { name, rows } = first;
  const none = new Array<Cell>(table.rows).fill(undefined);
  const columns = Object.entries(first.columns).map(([column, cells]) => [
    column,
    [...cells, ...(hasColumn(table, column) ? table.columns[column] : none)],
  ]);
  return {
    name: table.name,
    rows: rows + table.rows,
    columns: Object.fromEntries(columns),
    scalars: { ...first.scalars, ...table.scalars },
    before: { name, rows },
  };
}

/** Whether a table has a column of this name. */
export function hasColumn({ columns }: Table, column: string): boolean {
  return Object.hasOwn(columns, column.normalize("NFC"));
}
