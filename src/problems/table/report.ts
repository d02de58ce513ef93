/** The report of the fit of a model file: the posterior, site by site, and how the bound grew. */
import {
  type Evidence,
  type FittedDraws,
  METHODS,
  type MethodName,
  nameOf,
  type Summary,
} from "../../inference/index.ts";
import {
  lineChart,
  posteriorFigures,
  type Report,
  type ReportSection,
  type ReportTable,
  renderChart,
} from "../../report/index.ts";
import { checkArguments, listOf, NUMBER, OBJECT, objectWith } from "../../tensor/internal.ts";
import { type FitMethod, METHODS_OF_FIT } from "../settings.ts";

/** More rows than this do not fit onto a page. */
const MOST_IN_TABLE = 500;

/** Columns of what draws are worth, of those that some row has. */
const WORTH: Readonly<Record<string, (row: Summary) => number | string | undefined>> = {
  ESS: ({ ess, essBulk }) => rounded(ess ?? essBulk),
  "tail ESS": ({ essTail }) => rounded(essTail),
  "R-hat": ({ rhat }) => (rhat === undefined ? undefined : rHatText(rhat)),
};

/** Results that were read back from JSON have null for what is infinite. */
const rHatText = (rhat: number | null) => (Number.isFinite(rhat) ? rhat?.toFixed(3) : "infinite");

const rounded = (x: number | undefined) => x && Math.round(x);

/** So many values of a discrete latent are told, the most probable ones. */
const MOST_VALUES = 3;

/** `busy 0.91, quiet 0.09`: the most probable values. */
function probabilityText(probabilities: Readonly<Record<string, number>>): string {
  return Object.entries(probabilities)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_VALUES)
    .filter(([, p], rank) => rank === 0 || p > 0)
    .map(([label, p]) => `${label} ${p.toFixed(2)}`)
    .join(", ");
}

/**
 * The posterior as a table: one number for a point, else mean, spread and, what the draws are worth; of discrete
 * latents the most probable values.
 */
export function summaryTable(rows: readonly Summary[], isPoint: boolean): ReportTable {
  checkArguments("summaryTable", { rows }, listOf(OBJECT));
  const round = (x: number) => Number(x.toPrecision(4));
  if (isPoint) {
    const told = ({ probabilities, mean }: Summary) =>
      probabilities === undefined ? round(mean) : probabilityText(probabilities);
    return { columns: ["", "value"], rows: rows.map((row) => [nameOf(row), told(row)]) };
  }
  const worth = Object.entries(WORTH).filter(([, of]) => rows.some((row) => of(row) !== undefined));
  return {
    columns: ["", "mean", "sd", "5%", "95%", ...worth.map(([name]) => name)],
    rows: rows.map((row) => {
      const { mean, sd, q5, q95, probabilities } = row;
      const last = worth.map(([, of]) => of(row) ?? "");
      if (probabilities !== undefined) {
        return [nameOf(row), probabilityText(probabilities), "", "", "", ...last];
      }
      return [nameOf(row), ...[mean, sd, q5, q95].map(round), ...last];
    }),
  };
}

/** The log evidence as an estimate, or as a bound that noise does not pass. */
export function evidenceText(evidence: Evidence): string {
  checkArguments(
    "evidenceText",
    { evidence },
    objectWith({ value: NUMBER, standardError: NUMBER }),
  );
  const { value, standardError, isBound } = evidence;
  const error = standardError < 0.005 ? "" : ` ± ${standardError.toFixed(2)}`;
  if (!isBound) return `${value.toFixed(2)}${error} nats`;
  return `at least ${(value - 2 * standardError).toFixed(2)} nats`;
}

/** What the page of a fit shows. */
export interface ModelReportOptions {
  /** The heading of the page. */
  readonly title: string;
  /** The posterior draws. */
  readonly samples: FittedDraws;
  /** Mean, sd and quantiles of each element of each site. */
  readonly summary: readonly Summary[];
  /** Reasons to doubt the draws, with what to do. */
  readonly warnings: readonly string[];
  /** Whether the posterior is a point, without spread. */
  readonly isPoint: boolean;
  /** What it was fitted by. */
  readonly method?: FitMethod;
  /** How many steps the fit took. */
  readonly steps?: number;
  /** Behind the posterior. */
  readonly sections: readonly ReportSection[];
}

/** The page of one fit. */
export async function modelReport(options: ModelReportOptions): Promise<Report> {
  const { title, samples, summary, warnings, isPoint, method, steps, sections } = options;
  const { evidence: known } = samples.reliability ?? {};
  const evidence = known === undefined ? "" : ` Log evidence of the data: ${evidenceText(known)}.`;
  const isWorth = summary.some(({ ess, essBulk }) => (ess ?? essBulk) !== undefined);
  const worth = isWorth ? " ESS: how many independent draws these are worth for the mean." : "";
  const cut =
    summary.length > MOST_IN_TABLE ? ` The first ${MOST_IN_TABLE} of ${summary.length} rows.` : "";
  const by = [method && METHODS_OF_FIT[method].about, steps && `${steps} steps`];
  return {
    title,
    subtitle: by.filter(Boolean).join("; "),
    warnings,
    sections: [
      {
        title: "Posterior",
        text: `${isPoint ? "The most probable values." : "Mean, standard deviation and central 90% interval."}${worth}${evidence}${cut}`,
        figures: isPoint ? [] : await posteriorFigures(summary, samples),
        table: summaryTable(summary.slice(0, MOST_IN_TABLE), isPoint),
      },
      ...sections,
    ],
    footer: "Made by surmise.",
  };
}

/** How the bound grew, or of a search for the mode, the log density. */
export async function boundSection(
  records: readonly { readonly step: number; readonly bound: number }[],
  recordEvery: number,
  method: MethodName,
): Promise<ReportSection> {
  const isSearch = ["point", "laplace"].includes(METHODS[method].posterior);
  const name = isSearch ? "log density" : "bound";
  const chart = lineChart({
    title: isSearch ? "Log density at the point reached" : "Bound on the log evidence",
    x: { name: "steps", scale: "log" },
    y: { name: `${name} (nats)` },
    series: [{ name, x: records.map(({ step }) => step), y: records.map(({ bound }) => bound) }],
  });
  const caption = `Larger is better. Mean over each ${recordEvery} steps.`;
  return { title: "Training", figures: [{ svg: await renderChart(chart), caption }] };
}

/** How many of the particles their weights were worth, on the way from the priors to the posterior. */
export async function annealingSection(
  records: readonly { readonly step: number; readonly efficiency: number }[],
): Promise<ReportSection> {
  const name = "efficiency";
  const chart = lineChart({
    title: "Share of the particles that their weights are worth",
    x: { name: "temperature" },
    y: { name },
    series: [
      { name, x: records.map(({ step }) => step), y: records.map((each) => each.efficiency) },
    ],
  });
  const caption =
    "From 1 down: where it falls steeply, more temperatures help. Mean over the temperatures since the point before.";
  return { title: "Annealing", figures: [{ svg: await renderChart(chart), caption }] };
}
