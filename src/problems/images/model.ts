/** What an image run trains: a model and a guide of images, put together with data and an optimiser. */
import type { ImageSet } from "../../data/index.ts";
import {
  average,
  binarise,
  bound,
  global,
  minibatch,
  type Particles,
  single,
  type Training,
  training,
} from "../../inference/internal.ts";
import { type Model, type ParamStore, paramStore } from "../../model/index.ts";
import { adagrad, adam, clipped, type Optimiser, sgd } from "../../optim/index.ts";
import {
  AXIS,
  type Axis,
  axis,
  cast,
  checkArguments,
  FUNCTION,
  NUMBER,
  NUMBERS,
  OBJECT,
  objectWith,
  type Tensor,
  tensor,
} from "../../tensor/internal.ts";
import { betaOf, rateOf } from "../schedules.ts";
import type { ImageConfig } from "./settings.ts";
import { type Units, unitsOf } from "./units.ts";

/** Some images, `x` over the axes `image` and pixels, out of `total`. */
export interface ImageBatch {
  /** Float32, from 0 to 1 unless they are real numbers, over `image` and the axis of the pixels. */
  readonly x: Tensor;
  /** The axis of the minibatch. */
  readonly image: Axis;
  /** How many images the data set has. */
  readonly total: number;
}

/** The two models that are trained together. */
export interface ImagePair {
  /** p(x, z), the decoder. */
  readonly model: Model<ImageBatch, unknown>;
  /** q(z given x), the encoder. */
  readonly guide: Model<ImageBatch, unknown>;
}

/** Makes a model and a guide of images with these pixels, of real numbers in these units; called once for each run. */
export type BuildPair = (config: ImageConfig, pixels: Axis, units?: Units) => ImagePair;

/** A model and a guide with the parameters they share. */
export interface ImageModel extends ImagePair {
  /** The axis of the pixels, row-major. */
  readonly pixels: Axis;
  /** The weights of both. */
  readonly store: ParamStore;
  /** Whether pixels are black or white; else they are grey, from 0 to 1. */
  readonly binary: boolean;
  /** Where they are real numbers: their units. */
  readonly units?: Units;
}

/** What an argument that is an `ImageModel` must be. */
export const IMAGE_MODEL = objectWith({
  pixels: AXIS,
  model: FUNCTION,
  guide: FUNCTION,
  store: OBJECT,
});

/** The model that a configuration names, for images of this size. */
export function imageModel(
  config: ImageConfig,
  size: Pick<ImageSet, "height" | "width" | "values">,
  build: BuildPair,
): ImageModel {
  checkArguments("imageModel", { config }, OBJECT);
  checkArguments("imageModel", { size }, objectWith({ height: NUMBER, width: NUMBER }));
  checkArguments("imageModel", { build }, FUNCTION);
  const { height, width, values } = size;
  const pixels = axis("pixel", height * width);
  const units = values && unitsOf(values, pixels.size);
  const pair = build(config, pixels, units);
  const binary = config.decoder === "bernoulli";
  return { ...pair, pixels, store: paramStore(), binary, ...(units && { units }) };
}

/** The training step: a new minibatch and, for black and white, a new binarisation each time. */
export function imageTraining(config: ImageConfig, model: ImageModel, data: ImageSet): Training {
  checkArguments("imageTraining", { config }, OBJECT);
  checkArguments("imageTraining", { model }, IMAGE_MODEL);
  checkArguments("imageTraining", { data }, objectWith({ images: NUMBERS }));
  const { pixels, store, binary } = model;
  const row = axis("row", data.count);
  const image = axis("image", config.batch);
  const beta = betaOf(config);
  const all = tensor(data.values ?? data.images, [row, pixels]);
  return training({
    objective: (step, stepKey, runKey) => {
      const some = minibatch(all, row, image, step, runKey);
      const x = binary ? binarise(some, stepKey) : numbersOf(data, some);
      return bound({
        model: model.model,
        guide: model.guide,
        data: { x, image, total: row.size },
        key: stepKey,
        parameters: store,
        particles: particlesOf(config),
        kl: config.kl,
        ...(beta && { beta: beta(cast(step.add(1), "float32")) }),
      });
    },
    parameters: store,
    optimiser: optimiserOf(config),
    scale: 1 / row.size,
    seed: config.seed,
  });
}

/** Float32: real numbers as they are, greys from 0 to 1. */
export function numbersOf({ values }: Pick<ImageSet, "values">, x: Tensor): Tensor {
  return values ? x : cast(x, "float32").mul(1 / 255);
}

function particlesOf({ averageDraws, particles }: ImageConfig): Particles {
  if (particles > 1) return global(particles);
  return averageDraws > 1 ? average(averageDraws) : single();
}

function optimiserOf(config: ImageConfig): Optimiser {
  const { optimizer, clip } = config;
  const rule = { adam, adagrad, sgd }[optimizer](rateOf(config, config.steps));
  return clip === undefined ? rule : clipped(rule, { norm: clip });
}
