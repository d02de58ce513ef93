/** Rows as tables, with the columns that they fill. */
import type { ReportTable } from "../report/index.ts";
import type { Estimate } from "./rows.ts";

/** By title: what a row has there, if anything. */
export type TableColumns<Row> = Readonly<Record<string, (row: Row) => string | number | undefined>>;

/** A table of the columns that some row fills. */
export function tableOf<Row>(rows: readonly Row[], columns: TableColumns<Row>): ReportTable {
  const filled = Object.entries(columns).filter(([, cell]) =>
    rows.some((row) => cell(row) !== undefined),
  );
  return {
    columns: filled.map(([title]) => title),
    rows: rows.map((row) => filled.map(([, cell]) => cell(row) ?? "")),
  };
}

/** As `tableOf`, below a title: without the columns that hold nothing but it. */
export function sectionTable<Row>(
  title: string,
  rows: readonly Row[],
  columns: TableColumns<Row>,
): ReportTable {
  const others = Object.entries(columns).filter(
    ([, cell]) => !rows.every((row) => cell(row) === title),
  );
  return tableOf(rows, Object.fromEntries(others));
}

/** "-86.32 ± 0.21", or without the error of a single value. */
export function formatEstimate({ mean, error }: Estimate, digits: number): string {
  const number = mean.toFixed(digits);
  return Number.isNaN(error) ? number : `${number} ± ${error.toFixed(digits)}`;
}

/** "-86.32 (sd 0.21)", as papers tell replicates, or without the sd of a single value. */
export function formatSpread({ mean, sd }: Estimate, digits: number): string {
  const number = mean.toFixed(digits);
  return Number.isNaN(sd) ? number : `${number} (sd ${sd.toFixed(digits)})`;
}

/** Seconds as milliseconds, with three digits of the mean. */
export function formatMilliseconds({ mean, error, sd }: Estimate): string {
  const ms = { mean: 1000 * mean, error: 1000 * error, sd: 1000 * sd };
  return formatEstimate(ms, Math.max(0, 2 - Math.floor(Math.log10(ms.mean))));
}
