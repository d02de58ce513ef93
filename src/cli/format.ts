/** Results in the terminal. */
import type { Summary } from "../inference/index.ts";
import {
  type Metrics,
  type Picture,
  type PredictionsResult,
  summaryTable,
} from "../problems/index.ts";
import { colorWanted, printImages } from "./terminal/picture.ts";
import { printTable } from "./terminal/table.ts";
import { shortNumber } from "./terminal/text.ts";

/** The final numbers as a table. */
export function formatMetrics(
  { train, test }: Metrics,
  samplesPerSecond: number,
  draws: number,
): string {
  return printTable(
    ["nats per image", "train", "test"],
    [
      ["bound (ELBO)", train.elbo.toFixed(2), test.elbo.toFixed(2)],
      [`negative log-likelihood, ${draws} draws`, "", test.nll.toFixed(2)],
      ["images per second, training", Math.round(samplesPerSecond), ""],
    ],
  );
}

/** More rows than this are left to the files. */
const MOST_ROWS = 60;

/** What draws say of each element of each site, or of a point. */
export function formatSummary(summary: readonly Summary[], isPoint: boolean): string {
  const { columns, rows } = summaryTable(summary.slice(0, MOST_ROWS), isPoint);
  const rest = summary.length - MOST_ROWS;
  return printTable(columns, rows) + (rest > 0 ? `\n... and ${rest} more rows` : "");
}

/** Checks of predictions, and how well observations are predicted that are left out. */
export function formatPredictions({ checks, loo, waic, observations }: PredictionsResult): string {
  const short = (x: number) => shortNumber(x, 4);
  const rows = checks.map(({ site, statistic, data, q5, median, q95, pValue }) => [
    `${statistic} of ${site}`,
    ...[data, q5, median, q95].map(short),
    pValue.toFixed(2),
  ]);
  const { elpd, standardError, parameters, largestK, above, limit } = loo;
  const bad = above === 0 ? "none" : String(above);
  const elpds = [
    `elpd (loo)    ${elpd.toFixed(2)} ± ${standardError.toFixed(2)} nats, effective parameters ${parameters.toFixed(2)}`,
    `k-hat         at most ${largestK?.toFixed(2) ?? "infinite"}; ${bad} of ${observations} above ${limit.toFixed(2)}`,
    `elpd (waic)   ${waic.elpd.toFixed(2)} ± ${waic.standardError.toFixed(2)} nats`,
  ].join("\n");
  if (rows.length === 0) return elpds;
  return `${printTable(["predictions", "data", "5%", "50%", "95%", "p"], rows)}\n\n${elpds}`;
}

/** Images side by side, as wide as the terminal allows. */
export function formatPictures(
  images: readonly (Uint8Array | Picture)[],
  { height, width }: { readonly height: number; readonly width: number },
  columns: number,
): string {
  return printImages(images, {
    height,
    width,
    columns,
    maxColumns: process.stdout.columns ?? 80,
    color: colorWanted(),
  });
}
