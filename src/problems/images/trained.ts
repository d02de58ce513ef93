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
  /** On the first test images, at some of the records. */
  readonly test?: { readonly bound: number };
}

/** The final numbers, in nats per image. */
export interface Metrics {
  readonly train: { readonly elbo: number };
  readonly test: { readonly elbo: number; readonly nll: number };
}

/** The final numbers of a run, as they stand in result.json. */
export interface ImageResult {
  readonly metrics: Metrics;
  readonly speed: { readonly samplesPerSecond: number };
}

/** The final numbers, and of how many images the likelihood is the mean. */
export interface RunScore {
  readonly metrics: Metrics;
  readonly nllImages: number;
}

/** A trained model of images, with what led to it. */
export interface TrainedImages {
  readonly config: ImageConfig;
  readonly data: ImageDataset;
  readonly model: ImageModel;
  readonly records: readonly MetricsRecord[];
  readonly weights: ProgramState;
  readonly steps: number;
  /** Images per second of training. */
  readonly samplesPerSecond: number;
}

/** Images that the curve of the test bound is made of. */
export const CURVE_IMAGES = 1000;
