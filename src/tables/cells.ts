/** Cells of a table as numbers, and the words in which they are refused. */
import { listed, SurmiseError, shown } from "../tensor/internal.ts";
import { momentOf } from "./dates.ts";
import { inexact } from "./decimals.ts";
import { type Cell, shortened, type Table } from "./table.ts";

/** Words that stand for a missing value in a column of numbers or dates; in a column of labels they are labels. */
const MISSING = ["NA", "N/A", "NaN", "nan", "null", "NULL", "None"];

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INTEGER = /^[+-]?\d+$/;

/** @throws SurmiseError if the table has no such column, with those it has. */
export function cellsOf(table: Table, column: string): readonly Cell[] {
  const { name, columns, scalars = {} } = table;
  const known = nameIn(table, column);
  if (Object.hasOwn(columns, known)) return columns[known];
  if (Object.hasOwn(scalars, known)) {
    throw new SurmiseError(
      `${name}: '${column}' is a single value, not a column: use scalar('${column}')`,
    );
  }
  throw new SurmiseError(
    `${name}: there is no column '${column}'; the columns are: ${listed(Object.keys(columns))}`,
  );
}

/** The name of a column as tables have it. */
function nameIn({ name }: Pick<Table, "name">, column: unknown): string {
  if (typeof column === "string") return column.normalize("NFC");
  throw new SurmiseError(`${name}: the name of a column must be a text, not ${shown(column)}`);
}

/**
 * For each cell whether it holds nothing: it is empty, or it is a word such as NA in a column whose other
 * cells are all numbers, or all dates.
 */
export function gapsOf(cells: readonly Cell[]): readonly boolean[] {
  const isWord = (cell: Cell) => typeof cell === "string" && MISSING.includes(cell.trim());
  const rest = cells.filter((cell) => cell !== undefined && !isWord(cell));
  const areMeasured =
    rest.length > 0 && (rest.every(isNumber) || rest.every((cell) => momentOf(`${cell}`)));
  return cells.map((cell) => cell === undefined || (areMeasured && isWord(cell)));
}

/** Whether a text is a number in decimals, such as -1.5, .5 or 2e-3. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text) && Number.isFinite(Number(text));
}

/** Whether a text is a whole number, written without point and exponent. */
export function isInteger(text: string): boolean {
  return INTEGER.test(text);
}

function isNumber(cell: Cell): boolean {
  return (
    (typeof cell !== "string" && !(cell instanceof Date)) ||
    isDecimal(`${cell}`) ||
    /^(?:true|false)$/i.test(`${cell}`)
  );
}

/**
 * A cell as a number; true and false are 1 and 0, a word such as NA is undefined.
 *
 * @throws SurmiseError naming column and row if it is anything else, or a whole number that a float64
 * does not hold exactly.
 */
export function numberOf(
  table: Table,
  column: string,
  cell: Cell,
  row: number,
): number | undefined {
  const found = read(cell);
  if (typeof found !== "string") return found;
  const isDate = typeof momentOf(`${cell}`.trim()) === "object";
  const dates = `take dates by days('${column}') or datePart('${column}', "month")`;
  const labels =
    `mend the file, or, if these are labels, take them as an axis, axisOf('${column}'), and the place of each row ` +
    `along it by indexOf('${column}')`;
  const hint = isDate ? dates : (hintFor(`${cell}`) ?? labels);
  refuse(table, column, row, `is '${shownCell(cell)}', ${found}: ${hint}`);
}

/**
 * A single value of a file beside its columns, as a number.
 *
 * @throws SurmiseError if there is none of that name, or it is not a number.
 */
export function scalarOf({ name, columns, scalars = {} }: Table, scalar: string): number {
  const known = nameIn({ name }, scalar);
  if (!Object.hasOwn(scalars, known)) {
    const what = Object.hasOwn(columns, known)
      ? `'${scalar}' is a column of ${columns[known].length} values: use column('${scalar}')`
      : `there is no single value '${scalar}'; those beside the columns are: ${listed(Object.keys(scalars)) || "none"}`;
    throw new SurmiseError(`${name}: ${what}`);
  }
  const found = read(scalars[known]);
  if (typeof found === "number") return found;
  const value = scalars[known] === undefined ? "null" : `'${shownCell(scalars[known])}'`;
  throw new SurmiseError(`${name}: '${scalar}' is ${value}, ${found ?? "not a number"}`);
}

/** The number, undefined for a missing value, or what is wrong. */
function read(cell: Cell): number | undefined | string {
  if (cell === undefined) return undefined;
  if (typeof cell === "boolean") return Number(cell);
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : "not a finite number";
  if (cell instanceof Date) return "not a number";
  const text = `${cell}`;
  if (MISSING.includes(text)) return undefined;
  const [, truth] = /^(?:(true)|false)$/i.exec(text) ?? [undefined, null];
  if (truth !== null) return Number(truth !== undefined);
  if (!DECIMAL.test(text)) return "not a number";
  return inexact(text) ?? Number(text);
}

/** What to do about texts that look like numbers to people. */
function hintFor(text: string): string | undefined {
  const plain = text.trim();
  if (plain === "") return "leave it out, or write null, where there is no value";
  if (plain !== text) return "take the blanks around it out of the file";
  if (/^[+-]?0[xob]/i.test(plain)) return "write it in decimals";
  if (/^\D?[+-]?[\d.,'_\s]*[,'_\s][\d.,'_\s]+\D?$/.test(plain)) {
    return "write numbers with a decimal point and without separators, such as 1234.5";
  }
  if (/^[+-]?inf(?:inity)?$/i.test(plain)) return "a value must be finite";
  return undefined;
}

function shownCell(cell: Cell): string {
  return cell instanceof Date ? cell.toISOString() : shortened(`${cell}`);
}

/** `people.csv: column 'age' in row 3 WHAT`. Rows are counted from 1, without the header. */
export function refuse(table: Table, column: string, row: number, what: string): never {
  const { name, rows } = table.before ?? { name: "", rows: 0 };
  const [file, at] = row < rows ? [name, row] : [table.name, row - rows];
  throw new SurmiseError(`${file}: column '${column}' in row ${at + 1} ${what}`);
}

/** `row 3`, and of which file, if it is not that of the table. */
export function rowNamed({ before }: Table, row: number): string {
  if (before === undefined) return `row ${row + 1}`;
  return row < before.rows ? `row ${row + 1} of ${before.name}` : `row ${row - before.rows + 1}`;
}
