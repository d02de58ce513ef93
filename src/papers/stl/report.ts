/** The experiments as figures and tables. */
import {
  type BudgetName,
  type CellCurve,
  type FinishedCell,
  type Study,
  sectionTable,
  studyPage,
} from "../../experiments/index.ts";
import {
  type Figure,
  intervalChart,
  lineChart,
  type Report,
  type ReportSection,
  renderChart,
} from "../../report/index.ts";
import { checkArguments, listOf, OBJECT, objectWith, TEXT } from "../../tensor/internal.ts";
import { BUDGETS } from "./budgets.ts";
import {
  type AutoencoderConfig,
  type AutoencoderRecord,
  folderName,
} from "./cells/autoencoders.ts";
import { TRACES, traceName } from "./cells/gaussian.ts";
import { ESTIMATORS, type StlConfig, type StlResult } from "./cells/settings.ts";
import { published } from "./published.ts";
import { COLUMNS, cellName, type Row, rowsOf } from "./rows.ts";

const METHOD =
  "The path derivative leaves the score term out of the gradient of a bound, so that it is zero where the guide is " +
  'the posterior (Roeder, Wu and Duvenaud, NeurIPS 2017). With two stochastic layers, "path" is algorithm 2 of the ' +
  'paper, and "path, blocked" what its authors\' code does: the path from one latent into the distribution of the next ' +
  "is cut as well; the published two-layer numbers were presumably made so. For importance-weighted bounds the path " +
  "derivative (algorithm 4) is biased; the doubly reparameterised one (Tucker and others, ICLR 2019; Bauer and Mnih, " +
  "ICML 2021) is not. Errors are standard errors over seeds; the estimators have the same seeds.";

const TABLE =
  "Autoencoders of Burda and others (ICLR 2016): 784-200-200-50, or 784-200-200-100 and 100-100-100-50 with two layers, " +
  "tanh; images binarised afresh at each use; Adam, minibatches of 20; 8 stages of 3^i epochs at rates from 0.001 to " +
  "0.0001, compressed to the epochs that the table says. The NLL is that of test images by importance weighting; how far " +
  "it is below that of the total derivative is taken seed by seed, of the same images. The characters of Omniglot are not " +
  "the file of the paper, but made from the same originals.";

const AS_CODE =
  "Settings of the authors' code: 59600 images of MNIST or 23000 of Omniglot are trained on, in one order; gradients are sums " +
  "over a minibatch; Adam has a beta1 of 0.99, second moments begin at 1 and the count of steps at 1; rates are rounded.";

type Finished = readonly FinishedCell<StlConfig, StlResult>[];

/** The page of a study. */
export async function studyReport(
  study: Study<StlConfig, StlResult>,
  budget: BudgetName,
): Promise<Report> {
  checkArguments("studyReport", { study }, objectWith({ finished: listOf(OBJECT) }));
  checkArguments("studyReport", { budget }, TEXT);
  const { finished, curves, ending } = study;
  const rows = rowsOf(finished, curves);
  const hasTable = rows.some(({ autoencoder }) => autoencoder !== undefined);
  const isCode = rows.some(({ autoencoder }) => autoencoder?.as === "code");
  const text = [METHOD, ...(hasTable ? [TABLE] : []), ...(isCode ? [AS_CODE] : [])].join("\n\n");
  const sections: ReportSection[] = [{ title: "What is compared", text }];
  for (const title of new Set(rows.map((row) => row.title))) {
    const own = rows.filter((row) => row.title === title);
    const cells = finished.filter((cell) => cell.title === title);
    const begun = curves.filter((curve) => curve.title === title);
    const figures = [
      ...(await figuresOf(cells)),
      ...(await differences(own)),
      ...(await nlls(begun)),
    ];
    sections.push({ title, figures, table: sectionTable(title, own, COLUMNS) });
  }
  return studyPage({
    title: "Sticking the landing",
    subtitle: `Budget ${budget}: ${BUDGETS[budget].about}.`,
    ...{ ending, sections },
  });
}

async function figuresOf(cells: Finished): Promise<Figure[]> {
  const [cell] = cells;
  if (cell === undefined) return [];
  const { config } = cell;
  if (config.experiment === "fig1")
    return [await traces(cells), await variances(cells), await distances(cells)];
  if (config.experiment === "fig3") return [await parts(cells)];
  return [];
}

/** The curves of one seed of each estimator. */
function estimatorsCurve(cells: Finished, name: string) {
  return cells
    .filter(({ config }) => config.seed === 0)
    .map(({ config: { estimator }, result: { curves = {} } }) => ({
      ...{ name: ESTIMATORS[estimator], x: curves.step, y: curves[name] },
    }));
}

async function distances(cells: Finished): Promise<Figure> {
  const chart = lineChart({
    title: "Distance of the parameters from the posterior's",
    x: { name: "step" },
    y: { name: "root mean square, in sds", scale: "log" },
    series: estimatorsCurve(cells, "distance"),
  });
  const caption =
    "By the path derivative the parameters come to rest; by the total derivative they go on moving, by the noise " +
    "of its score term. Plain gradient steps of one rate.";
  return { svg: await renderChart(chart), caption };
}

async function variances(cells: Finished): Promise<Figure> {
  const chart = lineChart({
    title: "Variance of the gradient",
    x: { name: "step" },
    y: { name: "trace of its covariance", scale: "log" },
    series: estimatorsCurve(cells, "variance"),
  });
  return { svg: await renderChart(chart), caption: "Over draws, at the parameters of the step." };
}

/** Some of the means on their way, in one colour for each estimator. */
async function traces(cells: Finished): Promise<Figure> {
  const names = Array.from({ length: TRACES }, (_, i) => traceName(i));
  const chart = lineChart({
    title: "Means of the first dimensions",
    x: { name: "step" },
    y: { name: "from the posterior's, in sds" },
    series: names.flatMap((trace) =>
      estimatorsCurve(cells, trace).map(({ name, x, y }) => ({
        ...{ name: `${trace}, ${name}`, group: name, x, y },
      })),
    ),
  });
  const caption = "By the total derivative they go on moving about the posterior's means.";
  return { svg: await renderChart(chart), caption };
}

/** By how much the NLL of each estimator is below that of the total derivative. */
async function differences(rows: readonly Row[]): Promise<Figure[]> {
  const intervals = rows.flatMap(({ autoencoder, belowTotal }) => {
    if (autoencoder === undefined || belowTotal === undefined) return [];
    const { mean, error } = belowTotal;
    const width = Number.isNaN(error) ? 0 : error;
    return [
      { label: folderName(autoencoder), low: mean - width, middle: mean, high: mean + width },
    ];
  });
  if (intervals.length === 0) return [];
  const total = { label: ESTIMATORS.total, low: 0, middle: 0, high: 0 };
  const chart = intervalChart("Nats below the total derivative", [total, ...intervals], WIDE);
  const caption =
    "Of the test NLL: means over seeds with their standard errors; a point alone is one seed. Cells are named as their " +
    "folders: layers, bound and k, estimator.";
  return [{ svg: await renderChart(chart), caption }];
}

/** The width of a chart whose labels are long, in pixels. */
const WIDE = 960;

/** The NLLs on the way of those cells that tell them, each with what is published for it. */
async function nlls(curves: readonly CellCurve<StlConfig>[]): Promise<Figure[]> {
  const series = curves.flatMap(({ config, records }) => {
    const points = (records as readonly AutoencoderRecord[]).flatMap(({ epoch, nll }) =>
      nll === undefined ? [] : [{ epoch, nll }],
    );
    if (points.length === 0) return [];
    const cell = config as AutoencoderConfig;
    const name = `${cellName(cell)}, ${ESTIMATORS[cell.estimator]}, seed ${cell.seed}`;
    const x = points.map(({ epoch }) => epoch);
    const known = published(cell, cell.estimator);
    const own = { name, group: name, x };
    return [
      { ...own, y: points.map(({ nll }) => nll) },
      ...(known === undefined
        ? []
        : [{ ...own, name: `published: ${known}`, y: x.map(() => known) }]),
    ];
  });
  const names = series.map(({ name }) => name);
  if (series.length === 0) return [];
  const chart = lineChart({
    title: "NLL of test images during training",
    x: { name: "epochs" },
    y: { name: "nats per image" },
    series: series.filter(({ name }, i) => names.indexOf(name) === i),
  });
  const caption = "Of the first test images; the published numbers are of all of them, at the end.";
  return [{ svg: await renderChart(chart), caption }];
}

async function parts([{ result }]: Finished): Promise<Figure> {
  const { place, path, score } = result.curves ?? {};
  const chart = lineChart({
    title: "The two parts of the gradient",
    x: { name: "way to the posterior (1: there)" },
    y: { name: "norm" },
    series: [
      { name: "path derivative", x: place, y: path },
      { name: "score function", x: place, y: score },
    ],
  });
  const caption =
    "Means over draws. The path derivative goes to zero as the mixture becomes the posterior; the score function " +
    "does not.";
  return { svg: await renderChart(chart), caption };
}
