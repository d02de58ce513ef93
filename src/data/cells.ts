/** Cells of a table as numbers and labels, and the words in which they are refused. */
import { SurmiseError } from "../tensor/index.ts";
import type { Cell, Table } from "./table.ts";

/** @throws SurmiseError if the table has no such column, with those it has. */
export function cellsOf({ name, columns }: Table, column: string): readonly Cell[] {
  if (Object.hasOwn(columns, column)) return columns[column];
  throw new SurmiseError(
    `${name}: there is no column '${column}'; the columns are: ${Object.keys(columns).join(", ")}`,
  );
}

/** A cell as a number; true and false are 1 and 0. */
export function numberOf(table: Table, column: string, cell: Cell, row: number): number {
  const truth = /^(?:true|(false))$/i.exec(`${cell}`);
  const value = truth ? Number(truth[1] === undefined) : Number(cell);
  if (!(cell instanceof Date) && Number.isFinite(value)) return value;
  refuse(
    table,
    column,
    row,
    `is '${cell}', not a number: mend the file, or use axisOf('${column}') if these are labels`,
  );
}

/** The different values as texts: numbers ascending, else in the order in which they appear. */
export function labelsOf(cells: readonly Cell[]): string[] {
  const labels = [...new Set(cells.map(labelOf))];
  const areNumbers = labels.every((label) => label.trim() !== "" && Number.isFinite(Number(label)));
  return areNumbers ? labels.sort((a, b) => Number(a) - Number(b)) : labels;
}

/** A cell as a label; dates as ISO 8601. */
export function labelOf(cell: Cell): string {
  return cell instanceof Date ? cell.toISOString() : `${cell}`;
}

/** `people.csv: column 'age' in row 3 WHAT`. Rows are counted from 1, without the header. */
export function refuse({ name }: Table, column: string, row: number, what: string): never {
  throw new SurmiseError(`${name}: column '${column}' in row ${row + 1} ${what}`);
}
