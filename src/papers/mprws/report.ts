/** The experiments as figures and tables. */
import { type BudgetName, type Study, sectionTable, studyPage } from "../../experiments/index.ts";
import {
  type Figure,
  lineChart,
  type Report,
  type ReportSection,
  renderChart,
  type Series,
} from "../../report/index.ts";
import { checkArguments, listOf, OBJECT, objectWith, TEXT } from "../../tensor/internal.ts";
import { BUDGETS } from "./budgets.ts";
import { TRAINING_METHODS } from "./methods.ts";
import { COLUMNS, EVIDENCE, PREDICTIVE, type Row, rowsOf } from "./rows.ts";
import { type MprwsConfig, type MprwsResult, STRATEGIES, type Strategy } from "./strategies.ts";

const METHOD =
  "Particles of single latents that are weighed in all combinations (massively parallel) against particles " +
  "that are weighed together (global): Heap, Leech and Aitchison, UAI 2023. Errors are standard errors over " +
  "runs, which are seeds of a training or repetitions of an estimate; the data are the same for all. The time " +
  "of an iteration is the median over stretches of a run, so that other work of the machine counts only if it " +
  "goes on all the time.";

const TRAININGS =
  "MovieLens and buses: the guide is trained by reweighted wake-sleep. It is factorised, in the families of " +
  "the model. The test predictive log likelihood is the log of the mean likelihood of all test data over " +
  "posterior draws, which are taken from the particles of the method by their weights. The log evidence is " +
  "that of the data that were fitted, estimated while training: the mean over the last twentieth (in the paper " +
  "over the last 50 iterations). At the start all values of a discrete scale are as probable, and muBeta is as wide " +
  "as its prior; in the authors' code logits begin at draws of a normal(0, 1), and log standard deviations at 0.\n\n" +
  "MovieLens: users and films drawn at random from the original ratings; a rating of 4 or 5 is high, " +
  "everything else, also a film that was not rated, is not. Half of the films are for testing. Buses: " +
  "ids of test rows are new ones, with weights from the prior; phi, psi and sigmaAlpha share an axis of " +
  "particles, because their plates cross those of alpha and beta. These subsets are " +
  "not those of the paper: compare methods on them, not numbers with the paper's.";

const METHODS =
  "Methods of training: massively parallel particles, the guide trained by reweighted wake-sleep, by the derivative of the " +
  "bound (discrete latents summed out, or drawn with equal probabilities where they share an axis), or by QEM (Heap, Bowyer and Aitchison, PMLR 289, 2025): moments of the posterior by " +
  "source terms, exponentially averaged at the rate that is told, the guide in closed form. Predictions are judged on " +
  "the way; seconds are those of the training alone.";

const SERIES =
  "Time series: 30 states of a Markov chain, the prior as the guide, and nothing is trained: an iteration is an " +
  "estimate of the log evidence. Massively parallel particles of a state have one parent each, by a random " +
  "permutation of the particles of the state before; in tensor Monte Carlo (Aitchison, 2019) each chooses its " +
  "parent on its own, so that some have no children. The exact log evidence is Kalman's. Seen once: a random " +
  "walk with one observation, at its end. Every third state seen: a stationary series, with observations that " +
  "were drawn from it, the same in all repetitions (the paper draws new ones for each).";

/** The page of a study. */
export async function studyReport(
  study: Study<MprwsConfig, MprwsResult>,
  budget: BudgetName,
): Promise<Report> {
  checkArguments("studyReport", { study }, objectWith({ finished: listOf(OBJECT) }));
  checkArguments("studyReport", { budget }, TEXT);
  const { finished, ending } = study;
  const rows = rowsOf(finished);
  const trained = rows.some(({ predictive }) => predictive !== undefined);
  const hasMethods = rows.some(({ method }) => method !== undefined);
  const series = rows.some(({ exact }) => exact !== undefined);
  const notes = [
    METHOD,
    ...(trained ? [TRAININGS] : []),
    ...(hasMethods ? [METHODS] : []),
    ...(series ? [SERIES] : []),
  ];
  const sections: ReportSection[] = [{ title: "What is compared", text: notes.join("\n\n") }];
  for (const title of new Set(rows.map((row) => row.title))) {
    const all = rows.filter((row) => row.title === title);
    const own = all.filter(({ method }) => method === undefined);
    const compared = all.filter(({ method }) => method !== undefined);
    if (own.length > 0) {
      sections.push({
        title,
        figures: await figuresOf(title, own),
        table: sectionTable(title, own, COLUMNS),
      });
    }
    if (compared.length > 0) {
      const figures = await Promise.all(
        (["linear", "log"] as const).map((scale) => curves(title, compared, scale)),
      );
      sections.push({
        title: `${title}: methods`,
        figures,
        table: sectionTable(title, compared, COLUMNS),
      });
    }
  }
  return studyPage({
    title: "Massively parallel reweighted wake-sleep",
    subtitle: about(budget, trained),
    ...{ ending, sections },
  });
}

function about(name: BudgetName, trained: boolean): string {
  const { about: what, iterations, rate, seeds } = BUDGETS[name];
  const training =
    ` ${iterations.movielens} iterations on MovieLens, ${iterations.bus} on the buses, by Adam with rate ` +
    `${rate}, a tenth of it after every 10000 iterations; seeds: ${seeds}.`;
  return `Budget ${name}: ${what}.${trained ? training : ""}`;
}

/** The value against K, and against the time per iteration. */
async function figuresOf(title: string, rows: readonly Row[]): Promise<Figure[]> {
  const against = {
    K: (row: Row) => row.particles,
    "ms per iteration": (row: Row) => 1000 * row.secondsPerStep.mean,
  };
  const judged = rows.every(({ predictive }) => predictive !== undefined);
  const strategies = [...new Set(rows.map(({ strategy }) => strategy))];
  return Promise.all(
    Object.entries(against).map(async ([name, x]) => {
      const chart = lineChart({
        title,
        x: { name, scale: "log" },
        y: { name: judged ? PREDICTIVE : EVIDENCE },
        series: [...strategies.map((one) => seriesOf(one, rows, x)), ...exactSeries(rows, x)],
      });
      const caption = `Larger is better. By ${name}; bands are one standard error over runs.`;
      return { svg: await renderChart(chart), caption };
    }),
  );
}

/** Predictions against the seconds of training. */
async function curves(
  title: string,
  rows: readonly Row[],
  scale: "linear" | "log",
): Promise<Figure> {
  const chart = lineChart({
    title,
    x: { name: "seconds of training", scale },
    y: { name: PREDICTIVE },
    series: rows.map(({ method, rate, curve = [] }) => ({
      name: `${method && TRAINING_METHODS[method].title}, rate ${rate}`,
      x: curve.map(({ seconds }) => seconds.mean),
      y: curve.map(({ predictive }) => predictive.mean),
      band: {
        low: curve.map(({ predictive: { mean, error } }) => mean - error),
        high: curve.map(({ predictive: { mean, error } }) => mean + error),
      },
    })),
  });
  const caption = "Larger is better. Bands are one standard error over seeds.";
  return { svg: await renderChart(chart), caption };
}

function seriesOf(strategy: Strategy, rows: readonly Row[], x: (row: Row) => number): Series {
  const own = rows.filter((row) => row.strategy === strategy).sort((a, b) => x(a) - x(b));
  const values = own.map(({ predictive, bound }) => predictive ?? bound);
  return {
    name: STRATEGIES[strategy].title,
    x: own.map(x),
    y: values.map(({ mean }) => mean),
    band: {
      low: values.map(({ mean, error }) => mean - error),
      high: values.map(({ mean, error }) => mean + error),
    },
  };
}

/** What is estimated, where it is known: a line across the figure. */
function exactSeries(rows: readonly Row[], x: (row: Row) => number): Series[] {
  const [{ exact }] = rows;
  if (exact === undefined) return [];
  const across = rows.map(x);
  const ends = [Math.min(...across), Math.max(...across)];
  return [{ name: "exact", x: ends, y: ends.map(() => exact) }];
}
