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
  type Figure,
  imageGrid,
  lineChart,
  type Report,
  type ReportSection,
  renderChart,
  type Series,
} from "../../report/index.ts";
import { checkArguments, listOf, OBJECT, objectWith, TEXT } from "../../tensor/internal.ts";
import { BUDGETS } from "./budgets.ts";
import type { AevbRecord } from "./cells/autoencoder.ts";
import {
  type AevbConfig,
  type AevbResult,
  DATA,
  JUDGES,
  type Manifold,
  METHODS,
} from "./cells/settings.ts";
import { publishedAxis } from "./published.ts";
import { COLUMNS, isPanelOf, rowsOf } from "./rows.ts";

const METHOD =
  "AEVB trains an encoder and a decoder together by the lower bound, with one draw of the code for each image (Kingma and " +
  "Welling, ICLR 2014). Wake-sleep has the same networks, but its encoder learns from what the decoder dreams; Monte Carlo EM (MCEM) has no " +
  "encoder, but chains of the posterior. One hidden layer of tanh each way, 500 units for MNIST, 200 for the faces, 100 for " +
  "marginal likelihoods; all parameters begin at a variance of 0.01; the weights of the decoder have a normal prior; Adagrad; " +
  "minibatches of 100.";

const TEXTS: Readonly<Record<AevbConfig["experiment"], string>> = {
  rates:
    "The paper chooses the step size of Adagrad among three by the first iterations on training images: here the bound after 500 " +
    "of them, of Monte Carlo EM, which has no encoder, the marginal likelihood. The other experiments take the best for each method, for codes of 10 and of 200 numbers, the faces, and " +
    "the small networks of the third figure.",
  fig2:
    "The paper's claim: AEVB comes to a better solution, and sooner, in every panel. Means over the first training and " +
    "test images, without what the weights add. MNIST is black and white, once and for all, by our own draw of the bits.",
  fig3:
    "The marginal likelihood of the first training and test images by the estimator of the paper's appendix D: chains of " +
    "4 leapfrog steps, a normal density fitted to 50 samples, and 50 more. Monte Carlo EM is no online method, and has no " +
    "curve for all images.",
  manifolds:
    "The unit square, sent through the inverse of the normal distribution function into the plane of two latents, and decoded.",
  "full-vb":
    "The weights of the decoder have a posterior of their own (the paper's appendix F), which tells no numbers: independent normals, " +
    "one draw of all weights in a step. The bound with weights is that of the log evidence of all images, for each of them, " +
    "for AEVB with the log prior of its weights.",
};

type Finished = readonly FinishedCell<AevbConfig, AevbResult>[];
type Curves = readonly CellCurve<AevbConfig>[];

/** The page of a study. */
export async function studyReport(
  study: Study<AevbConfig, AevbResult>,
  budget: BudgetName,
): Promise<Report> {
  checkArguments("studyReport", { study }, objectWith({ finished: listOf(OBJECT) }));
  checkArguments("studyReport", { budget }, TEXT);
  const { finished, curves, ending } = study;
  const rows = rowsOf(finished);
  const sections: ReportSection[] = [{ title: "What is compared", text: METHOD }];
  for (const title of new Set(curves.map((curve) => curve.title))) {
    const own = rows.filter((row) => row.title === title);
    const begun = curves.filter((curve) => curve.title === title);
    const { experiment } = begun[0].config;
    const figures = [
      ...manifolds(finished.filter((cell) => cell.title === title)),
      ...(experiment === "rates" ? [] : await panels(begun)),
    ];
    const text = TEXTS[experiment];
    sections.push({
      title,
      text,
      figures,
      ...(own.length > 0 && { table: sectionTable(title, own, COLUMNS) }),
    });
  }
  return studyPage({
    title: "Auto-encoding variational Bayes",
    subtitle: `Budget ${budget}: ${BUDGETS[budget].about}.`,
    ...{ ending, sections },
  });
}

/** The panels of a figure, each with the curves of its methods. */
async function panels(curves: Curves): Promise<Figure[]> {
  const left = curves.filter(({ config }) => config.seed === 0);
  const figures: Figure[] = [];
  for (let [one] = left; one !== undefined; [one] = left) {
    const { config } = one;
    const own = left.filter((curve) => isPanelOf(curve.config, config));
    for (const curve of own) left.splice(left.indexOf(curve), 1);
    figures.push(await panel(own));
  }
  return figures;
}

/** Curves of one code and one set of images, against the training images seen. */
async function panel(curves: Curves): Promise<Figure> {
  const [{ config }] = curves;
  const isFigure3 = config.experiment === "fig3";
  const series = curves.flatMap((curve) => {
    const records = curve.records as readonly AevbRecord[];
    const x = records.map(({ samples }) => samples);
    return (["train", "test"] as const).map(
      (of): Series => ({
        name: `${METHODS[curve.config.method]}, ${of}`,
        group: METHODS[curve.config.method],
        ...{ x, y: records.map((record) => record[of]) },
      }),
    );
  });
  const of = isFigure3 ? `${config.trainImages} training images` : `${config.latents} latents`;
  const domain = heightsOf(config, series);
  const chart = lineChart({
    title: `${DATA[config.data]}, ${of}`,
    x: { name: "training images seen", scale: isFigure3 ? "linear" : "log" },
    y: { name: `${JUDGES[config.judge]} (nats)`, domain },
    series,
  });
  const ends = publishedAxis(config) ? "; the axis is that of the paper's figure, or longer" : "";
  const below = series.filter(({ y }) => Array.from(y).every((at) => !(at >= (domain?.[0] ?? at))));
  const told = below.length > 0 ? ` Below it: ${below.map(({ name }) => name).join("; ")}.` : "";
  return { svg: await renderChart(chart), caption: `Per image, of one seed${ends}.${told}` };
}

/**
 * The axis of the paper's figure, made longer where the later half of a curve lies beyond it, downwards to thrice its
 * length at the most; elsewhere what these halves need.
 */
function heightsOf(
  config: AevbConfig,
  series: readonly Series[],
): readonly [number, number] | undefined {
  const axis = publishedAxis(config);
  const heights = laterHeights(series);
  if (axis === undefined || heights === undefined) return heights ?? axis;
  const [least, most] = axis;
  const [low, high] = heights;
  return [
    Math.min(least, Math.max(10 * Math.floor(low / 10), 3 * least - 2 * most)),
    Math.max(high, most),
  ];
}

function manifolds(cells: Finished): Figure[] {
  return cells.flatMap(({ config, result: { manifold } }) => {
    if (config.experiment !== "manifolds" || manifold === undefined) return [];
    const caption = `${DATA[config.data]}, after ${config.samples} training images, seed ${config.seed}.`;
    return [{ svg: drawn(manifold), caption }];
  });
}

function drawn({ side, height, width, images }: Manifold): string {
  const bytes = Uint8Array.from(Buffer.from(images, "base64"));
  const size = height * width;
  return imageGrid({
    images: Array.from({ length: side * side }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
    ...{ height, width, columns: side },
  });
}
