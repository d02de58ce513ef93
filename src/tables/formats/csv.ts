/** CSV as a table: which lines are rows, and what their cells hold. */
import { type CsvError, parse } from "csv-parse/browser/esm/sync";
import { SurmiseError } from "../../tensor/index.ts";
import { type Table, tableOfColumns } from "../table.ts";
import { decodeText } from "./text.ts";

/** What may stand between cells. */
const SEPARATORS = [",", ";", "\t", "|"];

/**
 * Comma, semicolon, tab or bar: whichever the header has most of outside of quotes, the tab in TSV, or what Excel's line
 * "sep=;" before it says. Lines end as on any system. Blanks around a cell are not part of it.
 */
export function tableFromCsv(bytes: Uint8Array, name: string): Table {
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

/** The cells of a line: as they are written, or, of a line with quotes, without these and the blanks around them. */
interface Line {
  readonly cells: readonly string[];
  readonly isBare?: boolean;
}

/** Around a cell: what is white in any script, no-break spaces too. */
const BLANKS = /^\s+|\s+$/g;
const LINE_END = /\r\n|\r|\n/;

/** Without the blanks around it, which are none of a cell unless they stand in quotes. */
function bareCell({ cells, isBare }: Line, column: number): string {
  const cell = cells[column];
  return isBare ? cell : cell.replace(BLANKS, "");
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

/**
 * The cells of each row that is not blank, by the parser.
 *
 * @throws SurmiseError naming a line with more or fewer cells than the header, or with quotes that do not belong there.
 */
function parsedLines(text: string, delimiter: string, name: string): readonly Line[] {
  const written = text.split(LINE_END);
  const isBlank = (line: string) => line.trim() === "" && !line.includes(delimiter);
  const lines: Line[] = [];
  let at = 0;
  const pass = () => {
    while (at < written.length && isBlank(written[at])) at++;
  };
  try {
    parse(text, {
      delimiter,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      on_record: (cells) => {
        pass();
        const line = written[at++];
        const isQuoted = line.includes('"');
        lines.push(isQuoted ? { cells, isBare: true } : { cells: line.split(delimiter) });
        if (isQuoted) for (const cell of cells) at += cell.split(LINE_END).length - 1;
        return null;
      },
    });
    return lines;
  } catch (cause) {
    pass();
    throw new SurmiseError(`${name}: line ${at + 1} ${explained(cause as CsvError, delimiter)}`, {
      cause,
    });
  }
}

/** What the parser finds wrong in a line, and what to do. */
function explained(error: CsvError, delimiter: string): string {
  const { code, message, record } = error as CsvError & Record<string, unknown>;
  const [, wanted] = /expect (\d+)/.exec(message) ?? [];
  if (code === "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH" && Array.isArray(record)) {
    const found = record.length === 1 ? "1 cell" : `${record.length} cells`;
    const between = delimiter === "\t" ? "a tab" : `'${delimiter}'`;
    return (
      `has ${found} where the header has ${wanted}, with ${between} between them: put cells that hold ${between} in ` +
      "quotes, and give each line as many as the header"
    );
  }
  if (code === "CSV_QUOTE_NOT_CLOSED") return "opens a quote that is not closed";
  return (
    "has a quote in the wrong place: put a cell that holds quotes in quotes as a whole, and write each of those in it " +
    'twice, as in "a ""b"" c"'
  );
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
