/** Tables from the content of files: CSV, JSON and Parquet, as columns of plain cells. */
import { type CsvError, parse } from "csv-parse/browser/esm/sync";
import {
  BYTES_OF_FILE,
  checkArguments,
  either,
  SurmiseError,
  TEXT,
} from "../../tensor/internal.ts";
import { type Cell, isObject, type Table, tableOfColumns, tableOfRows, toCell } from "../table.ts";
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

/** What may stand between cells. */
const SEPARATORS = [",", ";", "\t", "|"];

/**
 * Comma, semicolon, tab or bar: whichever the header has most of outside of quotes, the tab in TSV, or what Excel's line
 * "sep=;" before it says. Lines end as on any system. Blanks around a cell are not part of it.
 */
function tableFromCsv(bytes: Uint8Array, name: string): Table {
  const decoded = decodeText(bytes, name);
  const [said = "", told] = /^\uFEFF?sep=(.)(?=\r|\n)/i.exec(decoded) ?? [];
  const text = decoded.slice(said.length);
  const [header] = text.trimStart().split(/\r|\n/, 1);
  const bare = header.replace(/"[^"]*"/g, "");
  const count = (separator: string) => bare.split(separator).length;
  const [most] = [...SEPARATORS].sort((a, b) => count(b) - count(a));
  const isTabbed = /\.tsv$/i.test(name) && bare.includes("\t");
  const delimiter = told ?? (isTabbed ? "\t" : most);
  const lines = plainLines(text, delimiter) ?? parsedLines(text, delimiter, name);
  const [names = { cells: [] }, ...rows] = lines;
  const spellings: [string, ReadonlyMap<string, string>][] = [];
  const columns = names.cells.map((_, i) => {
    const each = bareCell(names, i);
    const cells = rows.map((row) => bareCell(row, i));
    const blanks = withBlanks(cells, (row) => rows[row].cells[i]);
    if (blanks.size > 0) spellings.push([each, blanks]);
    return [each, cells.map((text) => (text === "" ? undefined : text))] as const;
  });
  return tableOfColumns(columns, { name, rows: rows.length, where: "the header", spellings });
}

/** The cells of a line: as they are written, or what the parser found in a line with quotes. */
interface Line {
  readonly cells: readonly string[];
  readonly isParsed?: boolean;
}

/** Around a cell. */
const BLANKS = /^[ \t\f]+|[ \t\f]+$/g;

/** Without the blanks around it, which are none of a cell unless they stand in quotes. */
function bareCell({ cells, isParsed }: Line, column: number): string {
  const cell = cells[column];
  return isParsed ? cell : cell.replace(BLANKS, "");
}

/** Of the cells that are written with blanks around them and also otherwise, each with these. */
function withBlanks(
  cells: readonly string[],
  writtenAt: (row: number) => string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  cells.forEach((cell, row) => {
    const written = writtenAt(row);
    if (cell !== "" && written !== cell && !found.has(cell)) found.set(cell, written);
  });
  if (found.size === 0) return found;
  const others = new Set(cells.filter((cell, row) => found.get(cell) !== writtenAt(row)));
  return new Map([...found].filter(([cell]) => others.has(cell)));
}

/** By the parser, for texts with quotes. */
function parsedLines(text: string, delimiter: string, name: string): readonly Line[] {
  try {
    const options = { delimiter, bom: true, trim: true, skip_empty_lines: true };
    const lines = parse(text, {
      ...options,
      record_delimiter: ["\r\n", "\n", "\r"],
      raw: true,
    }) as unknown as readonly { readonly record: string[]; readonly raw: string }[];
    return lines.map(({ record, raw }) => {
      if (raw.includes('"')) return { cells: record, isParsed: true };
      // Empty lines that were passed over stand before it.
      const [line] = raw.replace(/^\uFEFF/, "").match(/[^\r\n]*(?=[\r\n]*$)/) ?? [""];
      return { cells: line.split(delimiter) };
    });
  } catch (cause) {
    const { code, message, lines, record } = cause as CsvError & Record<string, unknown>;
    const [, wanted] = /expect (\d+)/.exec(message) ?? [];
    if (code !== "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH" || !Array.isArray(record)) {
      throw new SurmiseError(`${name}: ${message}`, { cause });
    }
    const found = record.length === 1 ? "1 cell" : `${record.length} cells`;
    const between = delimiter === "\t" ? "a tab" : `'${delimiter}'`;
    throw new SurmiseError(
      `${name}: line ${lines} has ${found} where the header has ${wanted}, with ${between} between them: put ` +
        `cells that hold ${between} in quotes, and give each line as many as the header`,
      { cause },
    );
  }
}

/**
 * The cells of a text in which no separator is quoted, which most large tables are: in a tenth of the time of the parser.
 * Undefined if there is anything about it that the parser should see, such as lines of different lengths.
 */
function plainLines(text: string, delimiter: string): readonly Line[] | undefined {
  if (delimiter === "\t" || text.includes('"')) return undefined;
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const separator = body.includes("\r") ? "\r\n" : "\n";
  const lines: Line[] = [];
  for (const line of body.split(separator)) {
    if (line === "") continue;
    if (line.includes("\r") || line.includes("\n") || line.trim() === "") return undefined;
    const cells = line.split(delimiter);
    if (lines.length > 0 && cells.length !== lines[0].cells.length) return undefined;
    lines.push({ cells });
  }
  return lines;
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
