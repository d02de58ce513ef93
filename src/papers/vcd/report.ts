/** The experiments as figures and tables. */
import {
  type BudgetName,
  type CellCurve,
  type FinishedCell,
  laterHeights,
  type Study,
  sectionTable,
  studyPage,
} from "../../experiments/index.ts";
import {
  contourChart,
  type Figure,
  lineChart,
  type Report,
  type ReportSection,
  renderChart,
  type Series,
} from "../../report/index.ts";
import { BUDGETS } from "./budgets.ts";
import type { AutoencoderConfig, AutoencoderRecord } from "./cells/autoencoders.ts";
import { CONTROLS, METHODS, type VcdConfig, type VcdResult } from "./cells/settings.ts";
import { type ToyConfig, type ToyResult, targetOnGrid } from "./cells/toys.ts";
import { KNOWN_CONTROLS, type KnownControl, type VarianceResult } from "./cells/variances.ts";
import { PUBLISHED_LOG_LIKELIHOOD } from "./published.ts";
import { COLUMNS, rowsOf } from "./rows.ts";
import { GUIDES, TOYS } from "./toys.ts";

const METHOD =
  "The variational contrastive divergence (Ruiz and Titsias, ICML 2019) trains an encoder q by draws z_0 and by what " +
  "Hamiltonian Monte Carlo improves them to, z_t: L = KL(q || p) - KL(q_t || p) + KL(q_t || q). Hoffman's method trains the " +
  "decoder at z_t and the encoder by the ELBO at z_0. Autoencoders: 10-200-200-784 and two encoders 784-200-200-10, relu, as in " +
  "the authors' code: initialisation, signal of the score function, RMSProp, 8 trajectories of 5 leapfrog steps, a step size " +
  "that is adapted to an acceptance of 0.9.";

const DATA =
  "MNIST made black and white once, by our own draw of the bits: the published number is of other bits of the same grey " +
  "values. The log likelihood is that of test images by importance sampling from a normal distribution for each, of which " +
  "the paper reports the last of three (mean and 1.2 standard deviations of a chain). Standard deviations are over seeds.";

/** What is to be known of an experiment beside its figures. */
const TEXTS: Partial<Readonly<Record<VcdConfig["experiment"], string>>> = {
  toys:
    "KL(q || p) is what the ELBO makes smaller; KL(p || q) is large where q leaves out what p covers. A chain of three " +
    "trajectories hardly ever crosses from one mode of the mixture to the other, so that q and q_t weigh them alike, and the " +
    "divergence does not tell how much each weighs: q of two components finds both, but the larger one weighs too little, which " +
    "longer chains mend; and both components may end in one mode.",
  speed:
    "Published: 12 iterations of training a second on a CPU, as the article's README tells. Other libraries take turns with surmise at " +
    "the same work in the benchmark of a checkout: npm run bench -- vcd --peers, and hmc-1d for the chain.",
};

type Finished = FinishedCell<VcdConfig, VcdResult>;
type Curves = readonly CellCurve<VcdConfig>[];

/** The page of a study. */
export async function studyReport(
  { finished, curves, ending }: Study<VcdConfig, VcdResult>,
  budget: BudgetName,
): Promise<Report> {
  const rows = rowsOf(finished);
  const sections: ReportSection[] = [{ title: "What is compared", text: `${METHOD}\n\n${DATA}` }];
  for (const title of new Set(curves.map((curve) => curve.title))) {
    const own = rows.filter((row) => row.title === title);
    const figures = await figuresOf(
      finished.filter((cell) => cell.title === title),
      curves.filter((curve) => curve.title === title),
    );
    const { experiment } = curves.find((curve) => curve.title === title)?.config ?? {};
    const text = experiment && TEXTS[experiment];
    sections.push({
      ...{ title, figures },
      ...(text && { text }),
      ...(own.length > 0 && { table: sectionTable(title, own, COLUMNS) }),
    });
  }
  return studyPage({
    title: "Variational contrastive divergence",
    subtitle: `Budget ${budget}: ${BUDGETS[budget].about}.`,
    ...{ ending, sections },
  });
}

async function figuresOf(cells: readonly Finished[], curves: Curves): Promise<Figure[]> {
  const { experiment } = curves[0].config;
  if (experiment === "speed") return [];
  if (experiment === "toys") return toys(cells);
  if (experiment === "variances") return variances(cells);
  return [...(await likelihoods(curves)), await bounds(curves)];
}

/** The densities of one seed, as the first figure of the paper draws them. */
async function toys(cells: readonly Finished[]): Promise<Figure[]> {
  const drawn = cells.filter(({ config }) => config.seed === 0);
  const pairs = new Map<string, Finished[]>();
  for (const cell of drawn) {
    const { target, guide } = cell.config as ToyConfig;
    const name = `${target} ${guide}`;
    pairs.set(name, [...(pairs.get(name) ?? []), cell]);
  }
  const figures: Figure[] = [];
  for (const both of pairs.values()) {
    const { target, guide } = both[0].config as ToyConfig;
    const toy = TOYS[target];
    const fitted = (["elbo", "vcd"] as const).flatMap((method) => {
      const found = both.find(({ config }) => config.method === method);
      return found ? [{ name: METHODS[method], values: (found.result as ToyResult).density }] : [];
    });
    const svg = await contourChart({
      ...{ title: `${toy.title}, q: ${GUIDES[guide]}`, x: toy.x, y: toy.y },
      densities: [{ name: "target", values: targetOnGrid(toy).map(Math.exp) }, ...fitted],
    });
    const caption =
      "Contours of the target and of q, of one seed, trained by RMSProp as published.";
    figures.push({ svg, caption });
  }
  return figures;
}

/** A name for a cell among those of its experiment. */
function nameOf(config: AutoencoderConfig): string {
  const { experiment, method, control, batch, seed } = config;
  const what =
    experiment === "batch-size"
      ? `batches of ${batch}`
      : experiment === "control-variates"
        ? CONTROLS[control]
        : METHODS[method];
  return seed === 0 ? what : `${what}, seed ${seed}`;
}

const firstSeed = (curves: Curves) => curves.filter(({ config }) => config.seed === 0);

/**
 * The test log likelihood of the first seed on the way, if there is any; against images seen where the sizes of batches
 * differ.
 */
async function likelihoods(curves: Curves): Promise<readonly Figure[]> {
  const byImages = curves[0].config.experiment === "batch-size";
  const series = firstSeed(curves).map(({ config, records }): Series => {
    const own = config as AutoencoderConfig;
    const judged = (records as readonly AutoencoderRecord[]).flatMap(({ step, test }) =>
      test === undefined ? [] : [{ step, test }],
    );
    const per = byImages ? own.batch : 1;
    return {
      name: nameOf(own),
      x: judged.map(({ step }) => step * per),
      y: judged.map(({ test }) => test),
    };
  });
  const ends = series.flatMap(({ x }) => [x[0], x[x.length - 1]].filter((at) => at !== undefined));
  if (ends.length === 0) return [];
  const published: Series = {
    name: `published after 400000: ${PUBLISHED_LOG_LIKELIHOOD}`,
    x: [Math.min(...ends), Math.max(...ends)],
    y: [PUBLISHED_LOG_LIKELIHOOD, PUBLISHED_LOG_LIKELIHOOD],
  };
  const chart = lineChart({
    title: "Test log likelihood",
    x: { name: byImages ? "training images seen" : "iterations" },
    y: { name: "nats per image" },
    series: byImages ? series : [...series, published],
  });
  const caption =
    "On the first 256 test images, by 500 draws from a normal distribution with the moments of a short chain.";
  return [{ svg: await renderChart(chart), caption }];
}

/** The bound of minibatches while training. */
async function bounds(curves: Curves): Promise<Figure> {
  const series = firstSeed(curves).map(({ config, records }) => ({
    name: nameOf(config as AutoencoderConfig),
    x: records.map(({ step }) => step),
    y: records.map(({ bound }) => bound),
  }));
  const chart = lineChart({
    title: "ELBO of the encoder",
    x: { name: "iterations" },
    y: { name: "nats per image", domain: laterHeights(series) },
    series,
  });
  const caption = "Of training images, means over stretches of iterations.";
  return { svg: await renderChart(chart), caption };
}

/** The variance of the gradient of each datum, in the order of f. */
async function variances(cells: readonly Finished[]): Promise<Figure[]> {
  if (cells.length === 0) return [];
  const { data } = cells[0].result as VarianceResult;
  const names: readonly KnownControl[] = ["none", "scalar", "scalarInCode", "perDatum"];
  const chart = lineChart({
    title: "Variance of the gradient",
    x: { name: "f of the datum (nats)" },
    y: { name: "variance", scale: "log" },
    series: names.map((name) => ({
      name: KNOWN_CONTROLS[name],
      x: data.map(({ f }) => f),
      y: data.map((one) => one.variances[name]),
    })),
  });
  const caption =
    "Of the gradient by mean and standard deviation of q, added up over their elements, for data of unlike f. The " +
    "constants are means over all draws: what running means come to.";
  return [{ svg: await renderChart(chart), caption }];
}
