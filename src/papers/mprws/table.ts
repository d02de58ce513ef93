/** Rows as tables, with the columns that they fill. */
import type { ReportTable } from "../../runs/index.ts";
import type { Estimate, Row } from "./rows.ts";
import { STRATEGIES } from "./strategies.ts";

/** What the numbers are, for tables and captions. */
export const PREDICTIVE = "test predictive log likelihood (nats)";
export const EVIDENCE = "log evidence (nats)";

/** By title: what a row has there, if anything. */
const COLUMNS: Readonly<Record<string, (row: Row) => string | number | undefined>> = {
  data: ({ title }) => title,
  particles: ({ strategy }) => STRATEGIES[strategy].title,
  K: ({ particles }) => particles,
  runs: ({ runs }) => runs,
  [PREDICTIVE]: ({ predictive }) => predictive && shown(predictive, 2),
  [EVIDENCE]: ({ bound }) => shown(bound, 2),
  "exact log evidence": ({ exact }) => exact?.toFixed(2),
  "ms / iteration": ({ secondsPerStep }) => inMs(secondsPerStep),
};

/** The table of one problem, or of all with a column for the problem. */
export function tableOf(rows: readonly Row[]): ReportTable {
  const filled = Object.entries(COLUMNS).filter(([, cell]) =>
    rows.some((row) => cell(row) !== undefined),
  );
  return {
    columns: filled.map(([title]) => title),
    rows: rows.map((row) => filled.map(([, cell]) => cell(row) ?? "")),
  };
}

/** "-86.32 ± 0.21", or without the error of a single value. */
function shown({ mean, error }: Estimate, digits: number): string {
  const number = mean.toFixed(digits);
  return Number.isNaN(error) ? number : `${number} ± ${error.toFixed(digits)}`;
}

/** Milliseconds with three digits of the mean. */
function inMs({ mean, error }: Estimate): string {
  const ms = { mean: 1000 * mean, error: 1000 * error };
  return shown(ms, Math.max(0, 2 - Math.floor(Math.log10(ms.mean))));
}
