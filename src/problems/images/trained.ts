/** What a run on images leaves: its curve, its weights, its numbers. */
import type { ImageDataset } from "../../data/index.ts";
import type { ProgramState } from "../../inference/index.ts";
import type { StepRecord } from "../../runs/index.ts";
import type { ImageModel } from "./model.ts";
import type { ImageConfig } from "./settings.ts";

/** One line of metrics.jsonl. */
export interface MetricsRecord extends StepRecord {
  /** Images seen, each as often as it was. */
  readonly images: number;
  /** Mean over the steps since the record before, in nats per image. */
  readonly train: { readonly bound: number };
  /** On the training images that patience judges by. */
  readonly held?: { readonly bound: number };
  /** On the first test images, at some of the records. */
  readonly test?: { readonly bound: number };
}

/** The final numbers, in nats per image. */
export interface Metrics {
  /** The ELBO of training images. */
  readonly train: { readonly elbo: number };
  /** The ELBO of test images, and minus their log likelihood by importance sampling. */
  readonly test: { readonly elbo: number; readonly nll: number };
}

/** The final numbers of a run, as they stand in result.json. */
export interface ImageResult {
  /** The final bounds. */
  readonly metrics: Metrics;
  /** Images per second of training. */
  readonly speed: { readonly samplesPerSecond: number };
}

/** The final numbers, and of how many images the likelihood is the mean. */
export interface RunScore {
  /** The final bounds. */
  readonly metrics: Metrics;
  /** Of how many test images `nll` is the mean. */
  readonly nllImages: number;
}

/** A trained model of images, with what led to it. */
export interface TrainedImages {
  /** All settings. */
  readonly config: ImageConfig;
  /** The images it was trained on. */
  readonly data: ImageDataset;
  /** The model and the guide. */
  readonly model: ImageModel;
  /** The learning curve. */
  readonly records: readonly MetricsRecord[];
  /** The trained parameters. */
  readonly weights: ProgramState;
  /** How many steps it was trained for. */
  readonly steps: number;
  /** Images per second of training. */
  readonly samplesPerSecond: number;
}

/** Images that the curve of the test bound is made of. */
export const CURVE_IMAGES = 1000;
