/** The report of the fit of a model file: the posterior, site by site, and how the bound grew. */
import {
  METHODS,
  type MethodName,
  nameOf,
  type PosteriorDraws,
  type Summary,
} from "../inference/index.ts";
import { renderChart } from "./figures/chart.ts";
import { lineChart } from "./figures/lines.ts";
import { posteriorFigures } from "./figures/posterior.ts";
import type { ModelRun } from "./modelRun.ts";
import type { Report, ReportSection, ReportTable } from "./report.ts";

/** More rows than this do not fit onto a page. */
const MOST_IN_TABLE = 500;

/** The posterior as a table: one number for a point, else mean, spread and, where weighted, ESS. */
export function summaryTable(rows: readonly Summary[], isPoint: boolean): ReportTable {
  const round = (x: number) => Number(x.toPrecision(4));
  if (isPoint) {
    return { columns: ["", "value"], rows: rows.map((row) => [nameOf(row), round(row.mean)]) };
  }
  const weighted = rows.some(({ effectiveSampleSize }) => effectiveSampleSize !== undefined);
  return {
    columns: ["", "mean", "sd", "5%", "95%", ...(weighted ? ["ESS"] : [])],
    rows: rows.map((row) => {
      const { mean, sd, q5, q95, effectiveSampleSize: ess } = row;
      const last = weighted ? [ess === undefined ? "" : Math.round(ess)] : [];
      return [nameOf(row), ...[mean, sd, q5, q95].map(round), ...last];
    }),
  };
}

/** The log evidence as a method knows it: Laplace's own estimate, or the bound that was made large. */
export function evidenceText(method: MethodName, logEvidence: number): string {
  const how = METHODS[method].posterior === "laplace" ? "about" : "at least";
  return `${how} ${logEvidence.toFixed(2)} nats`;
}

/** The page of one fit. */
export async function modelReport(
  run: ModelRun,
  title: string,
  samples: PosteriorDraws,
  summary: readonly Summary[],
  logEvidence: number | undefined,
): Promise<Report> {
  const { config } = run;
  const isPoint = METHODS[config.method].posterior === "point";
  const evidence =
    logEvidence === undefined
      ? ""
      : ` Log evidence of the data: ${evidenceText(config.method, logEvidence)}.`;
  const weighted = summary.some(({ effectiveSampleSize }) => effectiveSampleSize !== undefined);
  const worth = weighted ? " ESS: how many independent draws the weighted ones are worth." : "";
  const cut =
    summary.length > MOST_IN_TABLE ? ` The first ${MOST_IN_TABLE} of ${summary.length} rows.` : "";
  return {
    title,
    subtitle: `${METHODS[config.method].about}; ${config.steps} steps`,
    sections: [
      {
        title: "Posterior",
        text: `${isPoint ? "The most probable values." : "Mean, standard deviation and central 90% interval."}${worth}${evidence}${cut}`,
        figures: isPoint ? [] : await posteriorFigures(summary, samples),
        table: summaryTable(summary.slice(0, MOST_IN_TABLE), isPoint),
      },
      await boundSection(run),
      {
        title: "Settings",
        table: {
          columns: ["setting", "value"],
          rows: Object.entries(config).map(([name, value]) => [name, String(value)]),
        },
      },
    ],
    footer: "Made by surmise.",
  };
}

async function boundSection({ records, config }: ModelRun): Promise<ReportSection> {
  const chart = lineChart({
    title: "Bound on the log evidence",
    x: { name: "steps", scale: "log" },
    y: { name: "bound (nats)" },
    series: [
      { name: "bound", x: records.map(({ step }) => step), y: records.map(({ bound }) => bound) },
    ],
  });
  const caption = `Larger is better. Mean over each ${config.recordEvery} steps.`;
  return { title: "Training", figures: [{ svg: await renderChart(chart), caption }] };
}
