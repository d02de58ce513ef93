/** The experiment as tables and figures. */
import {
  type Figure,
  lineChart,
  type Report,
  type ReportSection,
  type ReportTable,
  renderChart,
  type Series,
} from "../../runs/index.ts";
import { BUDGETS, type Budget, type BudgetName } from "./budgets.ts";
import { STRATEGIES, type Strategy } from "./cell.ts";
import { type Estimate, type Row, rowsOf } from "./rows.ts";
import type { Study } from "./study.ts";

/** What the numbers are, for tables and captions. */
const PREDICTIVE = "test predictive log likelihood (nats)";

const NOTES =
  "Reweighted wake-sleep with particles that are weighed in all combinations (massively parallel) or " +
  "together (global): Heap, Leech and Aitchison, UAI 2023. The guide is factorised, in the families of " +
  "the model; Adam with rate 0.001, a tenth of it after every 10000 iterations.\n\n" +
  "The test predictive log likelihood is the log of the mean likelihood of all test data over posterior " +
  "draws, which are taken from the particles of the method by their weights. Errors are standard errors " +
  "over seeds; the data are the same for all seeds.\n\n" +
  "MovieLens: users and films drawn at random from the original ratings; a rating of 4 or 5 is high, " +
  "everything else, also a film that was not rated, is not. Half of the films are for testing. Buses: " +
  "ids of test rows are new ones, with weights from the prior; phi, psi and sigmaAlpha share an axis of " +
  "particles, because their plates cross those of alpha and beta. These subsets are " +
  "not those of the paper: compare methods on them, not numbers with the paper's.";

/** The table of one problem, or of all with a column for the problem. */
export function tableOf(rows: readonly Row[]): ReportTable {
  return {
    columns: [
      "data",
      "particles",
      "K",
      "seeds",
      PREDICTIVE,
      "log evidence (nats)",
      "ms / iteration",
    ],
    rows: rows.map((row) => [
      row.title,
      STRATEGIES[row.strategy].title,
      row.particles,
      row.seeds,
      shown(row.predictive, 2),
      shown(row.bound, 2),
      shown(scaled(row.secondsPerStep, 1000), 2),
    ]),
  };
}

/** "-86.32 ± 0.21", or without the error of a single value. */
function shown({ mean, error }: Estimate, digits: number): string {
  const number = mean.toFixed(digits);
  return Number.isNaN(error) ? number : `${number} ± ${error.toFixed(digits)}`;
}

function scaled({ mean, error }: Estimate, by: number): Estimate {
  return { mean: mean * by, error: error * by };
}

/** The page of a study. */
export async function studyReport({ ran, ending }: Study, budget: BudgetName): Promise<Report> {
  const { about, iterations, seeds }: Budget = BUDGETS[budget];
  const rows = rowsOf(ran);
  const titles = [...new Set(rows.map(({ title }) => title))];
  const sections: ReportSection[] = [{ title: "What is compared", text: NOTES }];
  for (const title of titles) {
    const own = rows.filter((row) => row.title === title);
    sections.push({ title, figures: await figuresOf(title, own), table: tableOf(own) });
  }
  return {
    title: "Massively parallel reweighted wake-sleep",
    subtitle:
      `Budget ${budget}: ${about}. ${iterations.movielens} iterations on MovieLens, ${iterations.bus} on ` +
      `the buses, ${seeds} seeds.${ending === "finished" ? "" : " Not finished."}`,
    sections,
    footer: "Made by surmise.",
  };
}

/** The value against K, and against the time per iteration. */
async function figuresOf(title: string, rows: readonly Row[]): Promise<Figure[]> {
  const against = {
    K: (row: Row) => row.particles,
    "ms per iteration": (row: Row) => 1000 * row.secondsPerStep.mean,
  };
  const strategies = [...new Set(rows.map(({ strategy }) => strategy))];
  return Promise.all(
    Object.entries(against).map(async ([name, x]) => {
      const chart = lineChart({
        title,
        x: { name, scale: "log" },
        y: { name: PREDICTIVE },
        series: strategies.map((strategy) => seriesOf(strategy, rows, x)),
      });
      const caption = `Larger is better. By ${name}; bands are one standard error over seeds.`;
      return { svg: await renderChart(chart), caption };
    }),
  );
}

function seriesOf(strategy: Strategy, rows: readonly Row[], x: (row: Row) => number): Series {
  const own = rows.filter((row) => row.strategy === strategy).sort((a, b) => x(a) - x(b));
  const y = own.map(({ predictive }) => predictive.mean);
  const error = own.map(({ predictive }) => predictive.error);
  return {
    name: STRATEGIES[strategy].title,
    x: own.map(x),
    y,
    band: { low: y.map((v, i) => v - error[i]), high: y.map((v, i) => v + error[i]) },
  };
}
