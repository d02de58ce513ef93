/** The images of a run: a data set by name, or a file of the user's own. */
import {
  drawDigits,
  firstImages,
  type ImageDataset,
  type ImageSet,
  type LoadOptions,
  loadImages,
  type NumberArray,
  readArray,
  selectImages,
} from "../../data/index.ts";
import { checkArguments, OBJECT, objectWith, SurmiseError, TEXT } from "../../tensor/internal.ts";
import type { ImageConfig } from "./settings.ts";
import { rangeOf } from "./units.ts";

type Wanted = Pick<ImageConfig, "data" | "batch" | "trainImages" | "testImages"> &
  Partial<Pick<ImageConfig, "decoder">>;

/** Of a file, each image whose place is a multiple of this is for testing. */
const TEST_EVERY = 10;

/**
 * The images that a configuration asks for. `data` is the name of a data set, or the path of an NPY or IDX file of
 * images (image, row, column), gzipped or not, or of a folder of PNG pictures, of which every tenth image is set apart for
 * testing; with decoder `real` also of numbers of any kind, over these axes or over (row, column).
 *
 * @throws SurmiseError if the data are unknown, damaged or not to be had, or fewer than asked for.
 */
export async function loadImageData(
  wanted: Wanted,
  options: LoadOptions = {},
): Promise<ImageDataset> {
  checkArguments("loadImageData", { wanted }, objectWith({ data: TEXT }));
  checkArguments("loadImageData", { options }, OBJECT);
  const { data, batch, trainImages, testImages, decoder } = wanted;
  const isReal = decoder === "real";
  if (data === "digits") {
    const digits = {
      ...(trainImages && { train: trainImages }),
      ...(testImages && { test: testImages }),
    };
    return checkBatch(made(drawDigits(digits), isReal), batch);
  }
  const all = isPath(data) ? await imagesFromFile(data, isReal) : await loadImages(data, options);
  const train = asMany(all.train, trainImages);
  const test = asMany(all.test, testImages);
  return checkBatch(made({ ...all, train, test }, isReal), batch);
}

function made(data: ImageDataset, isReal: boolean): ImageDataset {
  return isReal ? { ...data, train: asReal(data.train), test: asReal(data.test) } : data;
}

function isPath(data: string): boolean {
  return /[/\\]|\.npy(\.gz)?$|-ubyte(\.gz)?$/.test(data);
}

async function imagesFromFile(path: string, isReal: boolean): Promise<ImageDataset> {
  const array = await readArray(path);
  const { name } = array;
  const all = isReal ? realImages(path, array) : greyImages(path, array);
  if (all.count < TEST_EVERY) {
    throw new SurmiseError(
      `${path}: ${all.count} images; at least ${TEST_EVERY} are needed, as every tenth is for testing`,
    );
  }
  const isTest = (image: number) => image % TEST_EVERY === TEST_EVERY - 1;
  return {
    name,
    train: selectImages(all, `${name} train`, (image) => !isTest(image)),
    test: selectImages(all, `${name} test`, isTest),
    description: `images of ${name}, every tenth to judge by`,
    source: path,
  };
}

function greyImages(path: string, { data, shape }: NumberArray): ImageSet {
  if (!(data instanceof Uint8Array)) {
    throw new SurmiseError(
      `${path}: the numbers are no uint8 grey values 0..255: take decoder real for real numbers`,
    );
  }
  const [count, height, width] = shape;
  if (shape.length !== 3 || data.length === 0) {
    throw new SurmiseError(
      `${path}: axis sizes are (${shape.join(", ")}), expected (image, row, column), none of them 0`,
    );
  }
  return { name: path, images: data, count, height, width };
}

/** Real numbers over (image, row, column), or over (row of a table, column), each row as an image of one row. */
function realImages(path: string, { data, shape }: NumberArray): ImageSet {
  if (shape.length < 2 || shape.length > 3 || data.length === 0) {
    throw new SurmiseError(
      `${path}: axis sizes are (${shape.join(", ")}), expected (image, row, column) or (row, column), none of them 0`,
    );
  }
  const [count, width] = [shape[0], shape[shape.length - 1]];
  const height = shape.length === 3 ? shape[1] : 1;
  return { name: path, count, height, width, ...realValues(Float32Array.from(data)) };
}

/** Real numbers with greys to look at. */
function realValues(values: Float32Array): Pick<ImageSet, "images" | "values"> {
  const { low, high } = rangeOf(values);
  return { values, images: Uint8Array.from(values, (x) => (255 * (x - low)) / (high - low)) };
}

/** A data set of grey images with their greys as real numbers from 0 to 1. */
function asReal(set: ImageSet): ImageSet {
  return set.values ? set : { ...set, values: Float32Array.from(set.images, (x) => x / 255) };
}

function asMany(set: ImageSet, wanted = set.count): ImageSet {
  if (wanted <= set.count) return firstImages(set, wanted);
  throw new SurmiseError(`${wanted} images of ${set.name} are asked for, it has ${set.count}`);
}

function checkBatch(data: ImageDataset, batch: number): ImageDataset {
  const { name, count } = data.train;
  if (batch > count) {
    throw new SurmiseError(`batch is ${batch}, but ${name} has only ${count} images`);
  }
  return data;
}
