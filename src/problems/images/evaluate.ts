/** How good a trained model is on given images: the bound, and the likelihood by importance weighting. */
import type { ImageSet } from "../../data/index.ts";
import {
  type ActiveUnits,
  activeUnits,
  binarise,
  type DataScore,
  type DataSet,
  dataEvaluator,
  type ProgramState,
  type ScoreControl,
  writeSeed,
} from "../../inference/internal.ts";
import { compile } from "../../runtime/index.ts";
import {
  type Axis,
  axis,
  cast,
  checkArguments,
  fold,
  input,
  seedKey,
  wholeNumber,
} from "../../tensor/internal.ts";
import { IMAGE_MODEL, type ImageModel } from "./model.ts";

/** Means over images, in nats per image. */
export interface Score extends Omit<DataScore, "count"> {
  /** How many images these are the means of. */
  readonly images: number;
}

/** Scores images under any weights of one model. Compiled once. */
export interface ImageEvaluator {
  /** The mean ELBO and negative log likelihood of the images of `set`, in nats per image. */
  score(set: ImageSet, weights: ProgramState, control?: ScoreControl): Promise<Score>;
}

/**
 * An evaluator of `model` with `draws` draws per image. The draws follow from the seed and the place
 * of the image, and so does the one binarisation of grey images: two scores with one seed differ by
 * the weights alone.
 */
export function imageEvaluator(model: ImageModel, draws: number, seed: number): ImageEvaluator {
  checkArguments("imageEvaluator", { model }, IMAGE_MODEL);
  wholeNumber("imageEvaluator: draws", draws, { least: 1, most: 2 ** 31 - 1 });
  const image = axis("image", Math.ceil(PASSES_PER_CALL / Math.min(draws, MOST_DRAWS_PER_CALL)));
  const { data, setOf } = imageInputs(model, image);
  const judge = dataEvaluator({
    ...{ model: model.model, guide: model.guide, data },
    ...{ parameters: model.store, plate: image, draws, chunk: MOST_DRAWS_PER_CALL, seed },
  });

  return {
    async score(set, weights, control) {
      const images = model.binary ? blackAndWhite(set, seed) : (set.values ?? set.images);
      const { count, ...score } = await judge.score(setOf(images, set.count), weights, control);
      return { ...score, images: count };
    },
  };
}

/** Images per call of the program of active units. */
const IMAGES_PER_CALL = 100;

/** The units of the codes of images that are active under some weights (`activeUnits`), by latent. */
export function imageUnits(
  model: ImageModel,
  set: ImageSet,
  weights: ProgramState,
  seed: number,
): Readonly<Record<string, ActiveUnits>> {
  checkArguments("imageUnits", { model }, IMAGE_MODEL);
  const { guide, pixels, binary, store } = model;
  const image = axis("image", IMAGES_PER_CALL);
  const { data, setOf } = imageInputs(model, image);
  const images = binary ? blackAndWhite(set, seed) : (set.values ?? set.images);
  return activeUnits({
    ...{ guide, data, plate: image, parameters: store, values: weights, seed },
    set: setOf(images, images.length / pixels.size),
  });
}

/** Images as inputs of a program, some at a time. */
function imageInputs({ pixels, binary, units }: ImageModel, image: Axis) {
  const values = input("#images", [image, pixels], units ? "float32" : "uint8");
  const x = units ? values : cast(values, "float32").mul(binary ? 1 : 1 / 255);
  const size = image.size * pixels.size;
  return {
    data: { x, image, total: image.size },
    setOf: (images: Uint8Array | Float32Array, count: number): DataSet => ({
      count,
      rows: (first) => ({ "#images": part(images, first * pixels.size, size) }),
    }),
  };
}

/** Draws per call, and draws times images: enough to keep the matrix products busy. */
const MOST_DRAWS_PER_CALL = 50;
const PASSES_PER_CALL = 400;

/** Images per block of the binarisation; its draws are those of the block and the place in it. */
const BLOCK = 100;

/** The images of `set` as 0 and 1, by one draw for each pixel. */
function blackAndWhite({ images, height, width, count }: ImageSet, seed: number): Uint8Array {
  const [image, pixel] = [axis("image", BLOCK), axis("pixel", height * width)];
  const grey = input("#grey", [image, pixel], "uint8");
  const drawn = fold(fold(seedKey(), "binarisation"), input("#block", [], "int32"));
  const black = cast(binarise(grey, drawn), "uint8");
  const program = compile({ outputs: { black } }, { steps: 1 });
  writeSeed(program, seed);
  const size = BLOCK * pixel.size;
  const result = new Uint8Array(images.length);
  for (let block = 0; block * BLOCK < count; block++) {
    const { data } = program.run({
      inputs: { "#block": block, "#grey": part(images, block * size, size) },
    }).black;
    result.set(data.subarray(0, images.length - block * size), block * size);
  }
  return result;
}

/** `length` numbers from `start`, with zeros behind the end. */
function part<T extends Uint8Array | Float32Array>(numbers: T, start: number, length: number): T {
  const there = numbers.subarray(start, start + length) as T;
  if (there.length === length) return there;
  const padded = numbers instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  padded.set(there);
  return padded as T;
}
