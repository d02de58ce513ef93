/** Columns of plain cells: what all files of tables are read as. */
import { SurmiseError } from "../tensor/index.ts";

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
  /** Of columns with cells that the file writes with blanks around them and without: these cells, as with blanks. */
  readonly spellings?: Readonly<Record<string, ReadonlyMap<string, string>>>;
  /** Of a table whose rows follow those of another: that one. */
  readonly before?: Pick<Table, "name" | "rows">;
}

/** A row of a file by the names of its columns; null stands for nothing too. */
export type Row = Readonly<Record<string, unknown>>;

/** Whether it has values by name. */
export function isObject(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How a table is made of columns. */
interface Making {
  /** The file's name. */
  readonly name: string;
  readonly rows: number;
  /** What has the names of the columns, in messages. */
  readonly where: string;
  /** Single values beside the columns. */
  readonly scalars?: readonly (readonly [string, Cell])[];
  /** As those of `Table`. */
  readonly spellings?: readonly (readonly [string, ReadonlyMap<string, string>])[];
}

/**
 * A table of columns by name, in the composed form of Unicode (NFC).
 *
 * @throws SurmiseError if two have one name.
 */
export function tableOfColumns(
  columns: readonly (readonly [string, readonly Cell[]])[],
  { name, rows, where, scalars = [], spellings = [] }: Making,
): Table {
  const all = [...columns, ...scalars].map(([each]) => each.normalize("NFC"));
  const seen = new Set<string>();
  const twice = all.find((each) => seen.size === seen.add(each).size);
  if (twice !== undefined) {
    throw new SurmiseError(
      `${name}: ${where} has two columns '${twice}': give each a name of its own`,
    );
  }
  const named = <T>(entries: readonly (readonly [string, T])[], from: number) =>
    Object.fromEntries(entries.map(([, value], i) => [all[from + i], value]));
  return {
    name,
    rows,
    columns: named(columns, 0),
    ...(scalars.length > 0 && { scalars: named(scalars, columns.length) }),
    ...(spellings.length > 0 && {
      spellings: Object.fromEntries(
        spellings.map(([each, texts]) => [each.normalize("NFC"), texts]),
      ),
    }),
  };
}

/** A table of rows, which may lack columns that others have. */
export function tableOfRows(rows: readonly Row[], name: string): Table {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map(
    (column) => [column, rows.map((row) => row[column]).map(toCell(name, column))] as const,
  );
  return tableOfColumns(columns, { name, rows: rows.length, where: "it" });
}

/** More characters than this of what a file holds are not shown in messages. */
const SHOWN = 60;

/** What a file holds, for messages. */
export function shortened(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}

/** What a file holds in a row of a column as a cell. */
export const toCell =
  (file: string, column: string) =>
  (found: unknown, row: number): Cell => {
    if (found === null || found === undefined || Number.isNaN(found)) return undefined;
    if (found instanceof Date && Number.isNaN(found.getTime())) return undefined;
    const isCell =
      ["string", "number", "boolean", "bigint"].includes(typeof found) || found instanceof Date;
    if (isCell) return found as Cell;
    throw new SurmiseError(
      `${file}: row ${row + 1} of column '${column}' holds ${described(found)}: a cell is a ` +
        "number, a text, true or false, or nothing",
    );
  };

function described(found: unknown): string {
  if (found instanceof Uint8Array) return `${found.length} bytes that are no text`;
  const text = JSON.stringify(found, (_, value) =>
    typeof value === "bigint" ? `${value}` : value,
  );
  return shortened(text);
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
