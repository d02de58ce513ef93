/** Table 2: variational and importance-weighted autoencoders, trained and judged by their test NLL. */
import { firstImages, type ImageDataset, type ImageSet } from "../../../data/index.ts";
import { type BoundRecord, recordBound } from "../../../experiments/index.ts";
import {
  average,
  binarise,
  bound,
  global,
  minibatchRows,
  parametersIn,
  training,
} from "../../../inference/internal.ts";
import { type Initialiser, paramStore } from "../../../model/index.ts";
import { adam, stagedRate } from "../../../optim/index.ts";
import { type ImageEvaluator, type ImageModel, imageEvaluator } from "../../../problems/index.ts";
import type { Task } from "../../../runs/index.ts";
import {
  type Axis,
  axis,
  cast,
  checkArguments,
  fold,
  gatherClamped,
  index,
  key,
  mod,
  NUMBER,
  OBJECT,
  objectWith,
  shuffled,
  type Tensor,
  tensor,
} from "../../../tensor/internal.ts";
import { AUTOENCODERS } from "../autoencoder.ts";
import { adamOfCode, RATES_OF_CODE } from "./codeAdam.ts";
import type { StlConfig, StlResult } from "./settings.ts";

/** A cell of Table 2. */
export interface AutoencoderConfig extends StlConfig {
  /** The paper's table. */
  readonly experiment: "table2";
  /** The data set. */
  readonly data: "mnist" | "omniglot";
  /** Stochastic layers. */
  readonly layers: 1 | 2;
  /** `vae`: k draws are averaged; `iwae`: they are weighed. */
  readonly bound: "vae" | "iwae";
  /** k. */
  readonly k: number;
  /** How often each training image is used, in all; the schedule of the paper's 3280 is compressed to it. */
  readonly epochs: number;
  /** Settings as the paper says, or those of its authors' code. */
  readonly as: "paper" | "code";
  /** Training images in use, always in the same order; unless given all, in another order in each epoch. */
  readonly heldTo?: number;
  /** Test images of the NLL. */
  readonly nllImages: number;
  /** Its draws of each image. */
  readonly nllDraws: number;
  /** The first test images, whose NLL the curve tells too; 0 leaves it out. */
  readonly curveImages: number;
}

/** The name of a cell in the folder of a study, without its seed. */
export function folderName({ layers, bound, k, estimator }: AutoencoderConfig): string {
  return `${layers}-${bound}${k}-${estimator}`;
}

/** A record: how far the training is, and at some of them how good. */
export interface AutoencoderRecord extends BoundRecord {
  /** Uses of each training image so far. */
  readonly epoch: number;
  /** Of the first test images, in nats per image. */
  readonly nll?: number;
}

/** The result: minus the log likelihood of test images, in nats per image. */
export interface AutoencoderResult extends StlResult {
  /** The mean over images. */
  readonly nll: number;
  /** The standard error of that mean. */
  readonly nllError: number;
}

const BATCH = 20;
/** Of the paper: 8 stages of 3^i epochs, at rates that fall to a tenth. */
const STAGES = 8;
const ALL_EPOCHS = (3 ** STAGES - 1) / 2;
const RATES_OF_PAPER = Array.from({ length: STAGES }, (_, i) => 0.001 * 10 ** (-i / (STAGES - 1)));
const EPSILON = 1e-4;
const SIZES = { hidden: 200, latents: 50 };
/** Records of the bound in a cell, and from one NLL of the curve to the next. */
const RECORDS = 100;
const RECORDS_A_POINT = 2;

/** The training of one autoencoder. */
export function autoencoderCell(
  config: AutoencoderConfig,
  data: ImageDataset,
): Task<AutoencoderResult, AutoencoderRecord> {
  checkArguments("autoencoderCell", { config }, OBJECT);
  checkArguments("autoencoderCell", { data }, objectWith({ train: OBJECT, test: OBJECT }));
  const { train, test } = data;
  const { layers, k, epochs, seed, as, estimator } = config;
  const pixel = axis("pixel", train.height * train.width);
  const used = config.heldTo ?? train.count;
  const row = axis("row", train.count);
  const image = axis("image", BATCH);
  const { model, guide } = AUTOENCODERS[layers](pixel, SIZES, meanPixels(firstImages(train, used)));
  const store = paramStore();
  const grey = tensor(train.images, [row, pixel]);
  const particles = config.bound === "vae" ? average(k) : global(k);
  const updates = stagesOf((epochs * used) / BATCH);
  const rates = as === "paper" ? RATES_OF_PAPER : RATES_OF_CODE;
  const rate = stagedRate(rates.map((each, i) => ({ rate: each, updates: updates[i] })));
  const algorithm = training({
    objective(step, stepKey, runKey) {
      const rows =
        config.heldTo === undefined
          ? minibatchRows(row, image, step, runKey)
          : sameRows(row, image, step, used);
      const x = binarise(gatherClamped(grey, row, rows), stepKey);
      const data = { x, image, total: used };
      const pair = { model, guide, data, parameters: store };
      return bound({ ...pair, key: stepKey, particles, gradient: estimator });
    },
    parameters: store,
    optimiser: as === "paper" ? adam(rate, { epsilon: EPSILON }) : adamOfCode(rate),
    scale: as === "paper" ? 1 / used : BATCH / used,
    seed,
  });
  const steps = updates.reduce((a, b) => a + b);
  const trained: ImageModel = { model, guide, pixels: pixel, store, binary: true };
  let made: ImageEvaluator | undefined;
  const judge = () => {
    made ??= imageEvaluator(trained, config.nllDraws, seed);
    return made;
  };
  const recordEvery = Math.ceil(steps / RECORDS);
  return {
    algorithm,
    steps,
    recordEvery,
    async record(event, state) {
      const isPoint = event.step % (RECORDS_A_POINT * recordEvery) === 0 || event.step === steps;
      const judged =
        isPoint && config.curveImages > 0
          ? await judge().score(firstImages(test, config.curveImages), parametersIn(state(), store))
          : undefined;
      return {
        ...(await recordBound(event)),
        epoch: (event.step * BATCH) / used,
        ...(judged && { nll: judged.nll }),
      };
    },
    shown: ({ bound: value }) => value / used,
    async finish({ state, secondsPerStep, backend }, { onEvent, signal }) {
      const judged = firstImages(test, config.nllImages);
      const onProgress = (done: number) =>
        onEvent?.({ kind: "score", what: "nll", done, total: judged.count });
      const { nll, nllError } = await judge().score(judged, parametersIn(state, store), {
        onProgress,
        signal,
      });
      return { nll, nllError, secondsPerStep, backend };
    },
  };
}

/** The rows of a minibatch of the first `used` in an order that is drawn once and for all. */
function sameRows(row: Axis, image: Axis, step: Tensor, used: number): Tensor {
  const place = mod(step.mul(image.size).add(index(image)), used);
  return shuffled(fold(key(0), "order"), place, row.size);
}

/**
 * What the NLLs of a cell take, in training steps: a draw is one pass through the decoder; a step is three, forwards and
 * back, through encoder and decoder for each of its images.
 */
export function evaluationSteps(config: AutoencoderConfig): number {
  checkArguments("evaluationSteps", { config }, objectWith({ nllImages: NUMBER, k: NUMBER }));
  const { nllImages, nllDraws, curveImages, k } = config;
  const images = nllImages + curveImages * Math.floor(RECORDS / RECORDS_A_POINT);
  return Math.round((images * nllDraws) / (3 * BATCH * (1 + k)));
}

/** Updates in each stage, of `all` in all. */
function stagesOf(all: number): readonly number[] {
  const ends = Array.from({ length: STAGES + 1 }, (_, i) =>
    Math.round((all * ((3 ** i - 1) / 2)) / ALL_EPOCHS),
  );
  return ends.slice(1).map((end, i) => end - ends[i]);
}

/** Biases of the pixels: the logits of their means, away from 0 and 1. */
function meanPixels({ images, count, height, width }: ImageSet): Initialiser {
  const size = height * width;
  const sums = new Float64Array(size);
  images.forEach((grey, i) => {
    sums[i % size] += grey;
  });
  const logits = Float32Array.from(sums, (total) => {
    const mean = Math.min(0.999, Math.max(0.001, total / count / 255));
    return Math.log(mean / (1 - mean));
  });
  return (_, axes, dtype) => cast(tensor(logits, axes), dtype);
}
