/** A model of images, trained on the training set and evaluated on the test set. */
import { firstImages, type ImageDataset, type ImageSet, selectImages } from "../../data/index.ts";
import {
  type ActiveUnits,
  type LoopEvent,
  type ProgramState,
  parametersIn,
  STEP,
} from "../../inference/internal.ts";
import {
  type RunControl,
  runFiles,
  type Task,
  type Trained,
  writeReport,
} from "../../runs/index.ts";
import { SurmiseError } from "../../tensor/index.ts";
import { writeWeights } from "../weights.ts";
import { type ImageEvaluator, imageEvaluator, imageUnits, type Score } from "./evaluate.ts";
import { type BuildPair, type ImageModel, imageModel, imageTraining } from "./model.ts";
import { imageReport, type RunPictures, runPictures } from "./report.ts";
import type { ImageConfig } from "./settings.ts";
import {
  CURVE_IMAGES,
  type ImageResult,
  type MetricsRecord,
  type RunScore,
  type TrainedImages,
} from "./trained.ts";

/** How the final evaluation is watched, stopped and limited. */
export interface ScoreOptions extends RunControl {
  /** Takes fewer images for the likelihood if all would take longer. */
  readonly maxSeconds?: number;
}

/** How much of an evaluation of weights is done, and how it is watched. */
export interface EvaluateOptions extends RunControl {
  /** Draws for each image. */
  readonly draws: number;
  /** Test images, at most. */
  readonly images: number;
}

/** How good weights are on test images. */
export interface ImageEvaluation extends Score {
  /** Of each image. */
  readonly draws: number;
  /** The units of each latent that tell the first training images apart. */
  readonly units: Readonly<Record<string, ActiveUnits>>;
}

/** Images that the final bounds are means of. */
const ELBO_IMAGES = 10_000;
/** Points of that curve, at most. */
const CURVE_POINTS = 50;

/** The training and evaluation of an autoencoder, as a run performs it. */
export class ImageTask implements Task<ImageResult, MetricsRecord> {
  /** All settings. */
  readonly config: ImageConfig;
  /** The images, to fit and to evaluate on. */
  readonly data: ImageDataset;
  /** The model and the guide. */
  readonly model: ImageModel;
  /** The compiled step. */
  readonly algorithm: Task<ImageResult>["algorithm"];
  /** How many steps there are in all. */
  readonly steps: number;
  /** Steps from one record to the next. */
  readonly recordEvery: number;
  /** Drawn when the task is finished. */
  pictures: RunPictures | undefined;
  /** After how many records without a better one training ends. */
  readonly patience: number | undefined;
  private readonly oneDraw: ImageEvaluator;
  /** How many images are fitted. */
  private readonly images: number;
  /** The images left out, which patience judges by. */
  private readonly held: ImageSet | undefined;

  /**
   * Builds the model and its evaluation.
   *
   * @throws SurmiseError if the settings, the model and the data do not fit together.
   */
  constructor(config: ImageConfig, data: ImageDataset, build: BuildPair) {
    this.config = config;
    this.data = data;
    this.model = imageModel(config, data.train, build);
    const { patience } = config;
    const { fitted, held } = patience === undefined ? { fitted: data.train } : apart(config, data);
    this.held = held;
    this.patience = patience;
    this.algorithm = imageTraining(config, this.model, fitted);
    this.images = fitted.count;
    this.steps = config.steps;
    this.recordEvery = config.recordEvery;
    this.oneDraw = imageEvaluator(this.model, 1, config.seed);
  }

  /** What patience judges a record by: the bound of the images left out of the training. */
  merit({ held, train }: MetricsRecord): number {
    return (held ?? train).bound;
  }

  /** The bound of one image. */
  shown({ bound }: LoopEvent["metrics"]): number {
    return bound / this.images;
  }

  /**
   * The bounds at a step, in nats per image: on the batches since the last record, and at times on
   * test images.
   */
  async record({ step, metrics }: LoopEvent, state: () => ProgramState): Promise<MetricsRecord> {
    const train = { bound: this.shown(metrics) };
    const test = this.testIsDue(step) && {
      test: { bound: (await this.oneDraw.score(this.curveImages(), this.weights(state()))).elbo },
    };
    const held = this.held && {
      held: { bound: (await this.oneDraw.score(this.held, this.weights(state()))).elbo },
    };
    return { step, images: step * this.config.batch, train, ...held, ...test };
  }

  /** The trained model at the end of a run. */
  trained({ state, records, seconds }: Trained<MetricsRecord>): TrainedImages {
    const { config, data, model } = this;
    const steps = state[STEP].data[0];
    const made = records.at(-1)?.step ?? steps;
    const samplesPerSecond = (made * config.batch) / seconds;
    return { config, data, model, records, weights: this.weights(state), steps, samplesPerSecond };
  }

  /** The final numbers. */
  async score(weights: ProgramState, options: ScoreOptions = {}): Promise<RunScore> {
    const { onEvent, signal, maxSeconds } = options;
    const { nllDraws, nllImages, seed } = this.config;
    const of = (judge: ImageEvaluator, what: "train" | "test" | "nll", set: ImageSet) => {
      const onProgress = (done: number) =>
        onEvent?.({ kind: "score", what, done, total: set.count });
      return judge.score(set, weights, { onProgress, signal, maxSeconds });
    };
    const { train, test } = this.data;
    const manyDraws = imageEvaluator(this.model, nllDraws, seed);
    const trained = await of(this.oneDraw, "train", firstImages(train, ELBO_IMAGES));
    const tested = await of(this.oneDraw, "test", firstImages(test, ELBO_IMAGES));
    const weighted = await of(manyDraws, "nll", firstImages(test, nllImages));
    return {
      metrics: { train: { elbo: trained.elbo }, test: { elbo: tested.elbo, nll: weighted.nll } },
      nllImages: weighted.images,
    };
  }

  /** How good weights are on so many test images, by so many draws, and which units of their codes tell images apart. */
  async evaluate(
    weights: ProgramState,
    { draws, images, onEvent, signal }: EvaluateOptions,
  ): Promise<ImageEvaluation> {
    const { seed } = this.config;
    const set = firstImages(this.data.test, images);
    const onProgress = (done: number) =>
      onEvent?.({ kind: "score", what: "nll", done, total: set.count });
    const judge = imageEvaluator(this.model, draws, seed);
    const score = await judge.score(set, weights, { onProgress, signal });
    const units = imageUnits(this.model, firstImages(this.data.train, UNIT_IMAGES), weights, seed);
    return { ...score, draws, units };
  }

  /** Judges the trained model and writes weights and report. */
  async finish(
    end: Trained<MetricsRecord>,
    control: RunControl & { readonly folder: string },
  ): Promise<ImageResult> {
    const trained = this.trained(end);
    const score = await this.score(trained.weights, control);
    this.pictures = runPictures(trained);
    const { weights, report } = runFiles(control.folder);
    await writeWeights(weights, this.model.store, trained.weights);
    await writeReport(report, await imageReport(trained, score, this.pictures));
    const { steps, batch } = this.config;
    const seen = steps * batch;
    if (seen < this.data.train.count) {
      const message =
        `${steps} steps of ${batch} images see ${seen} of ${this.data.train.count} images: the numbers are those of a ` +
        "model that is hardly trained; take more steps";
      control.onEvent?.({ kind: "warning", message });
    }
    const { samplesPerSecond } = trained;
    return { metrics: score.metrics, speed: { samplesPerSecond } };
  }

  private weights(state: ProgramState): ProgramState {
    return parametersIn(state, this.model.store);
  }

  private testIsDue(step: number): boolean {
    const { recordEvery, steps } = this;
    const every = recordEvery * Math.ceil(steps / recordEvery / CURVE_POINTS);
    return step % every === 0 || step === steps;
  }

  private curveImages(): ImageSet {
    return firstImages(this.data.test, CURVE_IMAGES);
  }
}

/** Images that patience judges by, at most. */
const HELD_IMAGES = 1000;

/** The training images without the last of them, a tenth or `HELD_IMAGES`, and these. */
function apart({ batch }: ImageConfig, { train }: ImageDataset) {
  const held = Math.min(HELD_IMAGES, Math.floor(train.count / 10));
  const fitted = train.count - held;
  if (held === 0 || batch > fitted) {
    throw new SurmiseError(
      `patience judges by a tenth of the training images: ${train.count} are too few for batches of ${batch} of the others`,
    );
  }
  return {
    fitted: firstImages(train, fitted),
    held: selectImages(train, `${train.name} held out`, (image) => image >= fitted),
  };
}

/** The first training images, by which units are told active, as in the code of Burda and others. */
const UNIT_IMAGES = 500;
