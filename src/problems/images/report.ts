/** The report of a run on images: numbers, curves and pictures. */
import { type ImageSet, selectImages } from "../../data/index.ts";
import {
  imageGrid,
  lineChart,
  type Report,
  type ReportSection,
  renderChart,
  settingsSection,
} from "../../report/index.ts";
import { checkArguments, listOf, NUMBERS, OBJECT, objectWith } from "../../tensor/internal.ts";
import { IMAGE_MODEL } from "./model.ts";
import { manifold, type Picture, reconstructions, samples } from "./pictures.ts";
import type { ImageConfig } from "./settings.ts";
import { CURVE_IMAGES, type RunScore, type TrainedImages } from "./trained.ts";

const SAMPLES = 100;
const RECONSTRUCTIONS = 12;
const MANIFOLD_SIDE = 20;

/** What is drawn of a trained run. */
export interface RunPictures {
  /** Means of p(x given z) for z drawn from the prior. */
  readonly samples: readonly Picture[];
  /** Test images, and the same through the model. */
  readonly originals: readonly Uint8Array[];
  /** Means of p(x given z) for one draw z of the guide at each original. */
  readonly reconstructions: readonly Picture[];
  /** Row by row from the top; only for two latents. */
  readonly manifold: readonly Picture[] | undefined;
}

/** What an argument that is `TrainedImages` must be. */
const TRAINED = objectWith({
  config: OBJECT,
  data: objectWith({ test: OBJECT }),
  model: IMAGE_MODEL,
  records: listOf(OBJECT),
});

/** Draws the pictures. */
export function runPictures(run: TrainedImages): RunPictures {
  checkArguments("runPictures", { run }, TRAINED);
  const { model, config, data, weights } = run;
  const some = spread(data.test, RECONSTRUCTIONS);
  const size = some.height * some.width;
  return {
    samples: samples(model, weights, SAMPLES, config.seed),
    originals: Array.from({ length: some.count }, (_, i) =>
      some.images.subarray(i * size, (i + 1) * size),
    ),
    reconstructions: reconstructions(model, weights, some, config.seed),
    manifold: manifold(model, weights, MANIFOLD_SIDE),
  };
}

/** `count` images at equal distances in `set`. */
function spread(set: ImageSet, count: number): ImageSet {
  const step = Math.max(1, Math.floor(set.count / count));
  return selectImages(set, set.name, (image) => image % step === 0 && image < step * count);
}

/** The page of one run. */
export async function imageReport(
  run: TrainedImages,
  score: RunScore,
  pictures: RunPictures,
): Promise<Report> {
  checkArguments("imageReport", { run }, TRAINED);
  checkArguments("imageReport", { score, pictures }, OBJECT);
  const { config, data } = run;
  return {
    title: `${config.model} on ${data.name}`,
    subtitle: `${data.description}; ${describe(config)}`,
    sections: [
      resultSection(run, score),
      await curveSection(run),
      ...pictureSections(run, pictures),
      settingsSection(config),
    ],
    footer: `Data: ${data.source}. Made by surmise.`,
  };
}

/** "20 latents, 500 hidden units, 2000 steps of 100 images". */
export function describe({ latents, hidden, steps, batch }: ImageConfig): string {
  return `${latents} latents, ${hidden} hidden units, ${steps} steps of ${batch} images`;
}

/** The final numbers. */
export function resultSection(run: TrainedImages, score: RunScore): ReportSection {
  checkArguments("resultSection", { run }, TRAINED);
  checkArguments(
    "resultSection",
    { score },
    objectWith({ metrics: objectWith({ train: OBJECT, test: OBJECT }) }),
  );
  const { metrics, nllImages } = score;
  const { train, test } = metrics;
  const nats = (value: number) => value.toFixed(2);
  return {
    title: "Result",
    text:
      "In nats per image. The bound (ELBO) is taken with one draw per image; the negative " +
      `log-likelihood is importance-weighted with ${run.config.nllDraws} draws on the first ` +
      `${nllImages} test images.`,
    table: {
      columns: ["", "train", "test"],
      rows: [
        ["bound", nats(train.elbo), nats(test.elbo)],
        ["negative log-likelihood", "", nats(test.nll)],
        ["images per second", Math.round(run.samplesPerSecond), ""],
      ],
    },
  };
}

/** The bound against the images seen. */
export async function curveSection(run: TrainedImages): Promise<ReportSection> {
  checkArguments("curveSection", { run }, TRAINED);
  const { records, config, data } = run;
  const tested = records.flatMap(({ images, test }) => (test ? [{ images, ...test }] : []));
  const series = [
    { name: "train", ...curve(records.map(({ images, train }) => ({ images, ...train }))) },
    { name: "test", ...curve(tested) },
  ];
  const chart = lineChart({
    title: "Bound per image",
    x: { name: "training images seen", scale: "log" },
    y: { name: "bound (nats per image)" },
    series,
  });
  const prior = config.decay ? " It includes the log prior of the weights." : "";
  return {
    title: "Training",
    figures: [
      {
        svg: await renderChart(chart),
        caption:
          `Larger is better. Train: mean over each ${config.recordEvery} steps.${prior} ` +
          `Test: on the first ${Math.min(CURVE_IMAGES, data.test.count)} test images, one draw each.`,
      },
    ],
  };
}

function curve(points: readonly { readonly images: number; readonly bound: number }[]) {
  return { x: points.map(({ images }) => images), y: points.map(({ bound }) => bound) };
}

/** Reconstructions, samples and, for two latents, the manifold. */
export function pictureSections(run: TrainedImages, pictures: RunPictures): ReportSection[] {
  checkArguments("pictureSections", { run }, TRAINED);
  checkArguments("pictureSections", { pictures }, objectWith({ originals: listOf(NUMBERS) }));
  const { originals, reconstructions, samples, manifold } = pictures;
  const { height, width } = run.data.test;
  const grid = (images: readonly (Uint8Array | Picture)[], columns: number, gap = 2) =>
    ({ images, height, width, columns, gap }) as const;
  const sections: ReportSection[] = [
    {
      title: "Reconstructions",
      figures: [
        {
          svg: imageGrid({
            ...grid([...originals, ...reconstructions], originals.length),
            scale: 2,
            rowTitles: ["test image", "through the model"],
          }),
          caption: "Test images, and what one draw of their code decodes to.",
        },
      ],
    },
    {
      title: "Samples",
      figures: [
        {
          svg: imageGrid({ ...grid(samples, 10), scale: 2 }),
          caption: "Means of the decoder at codes drawn from the prior.",
        },
      ],
    },
  ];
  if (manifold) sections.push(manifoldSection(manifold, { height, width }));
  return sections;
}

function manifoldSection(
  images: readonly Picture[],
  size: { readonly height: number; readonly width: number },
): ReportSection {
  const caption =
    "Images along a grid over the two latents, evenly spaced in probability under the prior.";
  const svg = imageGrid({ images, ...size, columns: Math.sqrt(images.length), scale: 1.2 });
  return { title: "The plane of two latents", figures: [{ svg, caption }] };
}
