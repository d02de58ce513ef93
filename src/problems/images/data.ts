/** The images of a run: a data set by name, or a file of the user's own. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import {
  drawDigits,
  type ImageDataset,
  type ImageSet,
  imagesFromNpy,
  type LoadOptions,
  loadImages,
  readIdx,
  selectImages,
} from "../../data/index.ts";
import { checkArguments, OBJECT, objectWith, SurmiseError, TEXT } from "../../tensor/internal.ts";
import type { ImageConfig } from "./settings.ts";

type Wanted = Pick<ImageConfig, "data" | "batch" | "trainImages" | "testImages">;

/** Of a file, each image whose place is a multiple of this is for testing. */
const TEST_EVERY = 10;

/**
 * The images that a configuration asks for. `data` is the name of a data set, or the path of an NPY
 * file or of an IDX file of images (image, row, column), gzipped or not, of which every tenth image
 * is set apart for testing.
 *
 * @throws SurmiseError if the data are unknown, damaged or not to be had, or fewer than asked for.
 */
export async function loadImageData(
  wanted: Wanted,
  options: LoadOptions = {},
): Promise<ImageDataset> {
  checkArguments("loadImageData", { wanted }, objectWith({ data: TEXT }));
  checkArguments("loadImageData", { options }, OBJECT);
  const { data, batch, trainImages, testImages } = wanted;
  if (data === "digits") {
    const digits = {
      ...(trainImages && { train: trainImages }),
      ...(testImages && { test: testImages }),
    };
    return checkBatch(drawDigits(digits), batch);
  }
  const all = isPath(data) ? await imagesFromFile(data) : await loadImages(data, options);
  const train = firstImages(all.train, trainImages);
  const test = firstImages(all.test, testImages);
  return checkBatch({ ...all, train, test }, batch);
}

function isPath(data: string): boolean {
  return /[/\\]|\.npy(\.gz)?$|-ubyte(\.gz)?$/.test(data);
}

async function imagesFromFile(path: string): Promise<ImageDataset> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new SurmiseError(`cannot read the data '${path}' (${cause.message})`, { cause });
  });
  const name = basename(path).replace(/\.gz$/, "");
  const all = name.endsWith(".npy")
    ? await imagesFromNpy(path, bytes)
    : await imagesFromIdxFile(path, bytes);
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

async function imagesFromIdxFile(path: string, bytes: Uint8Array): Promise<ImageSet> {
  const { data, shape } = await readIdx(bytes, path);
  const [count, height, width] = shape;
  if (shape.length !== 3 || data.length === 0) {
    throw new SurmiseError(
      `${path}: axis sizes are (${shape.join(", ")}), expected (image, row, column), none of them 0`,
    );
  }
  return { name: path, images: data, count, height, width };
}

function firstImages(set: ImageSet, most: number | undefined): ImageSet {
  if (most === undefined || most === set.count) return set;
  if (most > set.count) {
    throw new SurmiseError(`${most} images of ${set.name} are asked for, it has ${set.count}`);
  }
  return selectImages(set, set.name, (image) => image < most);
}

function checkBatch(data: ImageDataset, batch: number): ImageDataset {
  const { name, count } = data.train;
  if (batch > count) {
    throw new SurmiseError(`batch is ${batch}, but ${name} has only ${count} images`);
  }
  return data;
}
