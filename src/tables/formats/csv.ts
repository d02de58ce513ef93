/** CSV as a table: which lines are rows, and what their cells hold. */
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
  const [names = { cells: [] }, ...rows] = linesOf(text, delimiter, name);
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

/** What is written in one row, over several lines if there are line ends in quotes. */
interface Written {
  readonly text: string;
  /** The first line of it, from 1. */
  readonly line: number;
}

/** Around a cell. */
const BLANKS = /^[ \t\f]+|[ \t\f]+$/g;
const BLANK_LINE = /^[ \t\f]*$/;
const LINE_END = /\r\n|\r|\n/g;

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
 * The cells of each row that is not blank.
 *
 * @throws SurmiseError naming a line with more or fewer cells than the header, or with quotes that do not belong there.
 */
function linesOf(text: string, delimiter: string, name: string): readonly Line[] {
  const all = writtenIn(text).filter(
    ({ text }) => !BLANK_LINE.test(text) || text.includes(delimiter),
  );
  const lines = all.map((each): Line => {
    if (!each.text.includes('"')) return { cells: each.text.split(delimiter) };
    return { cells: quotedCells(each, delimiter, name), isBare: true };
  });
  const wanted = lines[0]?.cells.length;
  const other = lines.findIndex(({ cells }) => cells.length !== wanted);
  if (other < 0) return lines;
  const { length } = lines[other].cells;
  const between = delimiter === "\t" ? "a tab" : `'${delimiter}'`;
  throw new SurmiseError(
    `${name}: line ${all[other].line} has ${length === 1 ? "1 cell" : `${length} cells`} where the header has ` +
      `${wanted}, with ${between} between them: put cells that hold ${between} in quotes, and give each line as ` +
      "many as the header",
  );
}

/** A text cut at the line ends that are not in quotes: those before which the number of quotes is even. */
function writtenIn(text: string): Written[] {
  const found: Written[] = [];
  let from = text.startsWith("\uFEFF") ? 1 : 0;
  let [last, line, lines, isOpen] = [from, 1, 1, false];
  for (const { 0: lineEnd, index } of text.matchAll(LINE_END)) {
    if (hasOddQuotes(text.slice(last, index))) isOpen = !isOpen;
    last = index + lineEnd.length;
    lines++;
    if (isOpen) continue;
    found.push({ text: text.slice(from, index), line });
    [from, line] = [last, lines];
  }
  found.push({ text: text.slice(from), line });
  return found;
}

function hasOddQuotes(text: string): boolean {
  let isOdd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
}

/**
 * The cells of a row with quotes (RFC 4180): one in quotes may hold separators, line ends, and quotes written twice.
 *
 * @throws SurmiseError for quotes that do not enclose a cell as a whole.
 */
function quotedCells({ text, line }: Written, delimiter: string, name: string): string[] {
  const cells: string[] = [];
  const refuse = (what: string): never => {
    throw new SurmiseError(`${name}: line ${line} ${what}`);
  };
  for (let at = 0; at <= text.length; ) {
    const found = text.indexOf(delimiter, at);
    const next = found < 0 ? text.length : found;
    const cell = text.slice(at, next).replace(BLANKS, "");
    if (!cell.includes('"')) {
      cells.push(cell);
      at = next + delimiter.length;
      continue;
    }
    const open = text.indexOf('"', at);
    let close = text.indexOf('"', open + 1);
    while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
    if (close < 0 && cell.startsWith('"')) refuse("opens a quote that is not closed");
    const after = text.indexOf(delimiter, close);
    const end = after < 0 ? text.length : after;
    if (!cell.startsWith('"') || text.slice(close + 1, end).replace(BLANKS, "") !== "") {
      refuse(
        "has a quote in the wrong place: put a cell that holds quotes in quotes as a whole, and write each of those " +
          'in it twice, as in "a ""b"" c"',
      );
    }
    cells.push(text.slice(open + 1, close).replaceAll('""', '"'));
    at = end + delimiter.length;
  }
  return cells;
}
