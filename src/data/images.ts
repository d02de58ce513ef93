/** The shape in which this room hands out pictures, and how arrays from files become pictures. */
import {
  BYTES_OF_FILE,
  checkArguments,
  FUNCTION,
  listOf,
  NUMBER,
  NUMBERS,
  OBJECT,
  objectWith,
  optional,
  SurmiseError,
  TEXT,
} from "../tensor/internal.ts";
import { readIdx } from "./formats/idx.ts";
import { readNpy } from "./formats/npy.ts";

/** Grey pictures of one size, with labels if the data set has them. */
export interface ImageSet {
  /** For messages and figures, such as "mnist train". */
  name: string;
  /** count*height*width grey values 0..255; axes (image, row, column), the last one fastest. */
  images: Uint8Array;
  /**
   * Where the data are real numbers: these, in the same order; `images` are then greys from the least of them to the
   * largest.
   */
  values?: Float32Array;
  /** How many images. */
  count: number;
  /** In pixels. */
  height: number;
  /** In pixels. */
  width: number;
  /** One class per image: 0 up to labelNames.length - 1. */
  labels?: Uint8Array;
  /** What the classes are called. */
  labelNames?: readonly string[];
}

/** A data set of pictures, split into a training and a test set. */
export interface ImageDataset {
  /** As `loadImages` takes it. */
  name: string;
  /** Images to fit. */
  train: ImageSet;
  /** Images to evaluate on. */
  test: ImageSet;
  /** What the pictures show and how they are split. */
  description: string;
  /** Whose data it is. */
  source: string;
}

/** What the ten classes of digit pictures are called. */
export const digitNames: readonly string[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/**
 * Pictures from the two IDX files of a set in MNIST's format: (image, row, column) grey values and
 * one label per image.
 *
 * @throws SurmiseError if a file is no whole IDX file, if the axes are not as above, or if a label
 * has no name.
 */
export async function imagesFromIdx(
  name: string,
  imageFile: Uint8Array,
  labelFile: Uint8Array,
  labelNames: readonly string[],
): Promise<ImageSet> {
  checkArguments("imagesFromIdx", { name }, TEXT);
  checkArguments("imagesFromIdx", { imageFile, labelFile }, BYTES_OF_FILE);
  checkArguments("imagesFromIdx", { labelNames }, listOf(TEXT));
  const images = await readIdx(imageFile, `${name} images`);
  const labels = await readIdx(labelFile, `${name} labels`);
  const [count, height, width] = requireAxes(images.shape, `${name} images`);
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new SurmiseError(
      `${name} labels: axis sizes are (${labels.shape.join(", ")}), expected (${count}), one per image`,
    );
  }
  const unnamed = labels.data.findIndex((label) => label >= labelNames.length);
  if (unnamed >= 0) {
    throw new SurmiseError(
      `${name} labels: label ${unnamed} is ${labels.data[unnamed]}, expected 0 to ${labelNames.length - 1}`,
    );
  }
  return { name, images: images.data, count, height, width, labels: labels.data, labelNames };
}

/**
 * Pictures without labels from an NPY file of uint8 with axes (image, row, column).
 *
 * @throws SurmiseError if it is no whole NPY file, or has another element type or other axes.
 */
export async function imagesFromNpy(name: string, file: Uint8Array): Promise<ImageSet> {
  checkArguments("imagesFromNpy", { name }, TEXT);
  checkArguments("imagesFromNpy", { file }, BYTES_OF_FILE);
  const { data, dtype, shape } = await readNpy(file, name);
  if (!(data instanceof Uint8Array)) {
    throw new SurmiseError(`${name}: element type is ${dtype}, expected uint8 grey values 0..255`);
  }
  const [count, height, width] = requireAxes(shape, name);
  return { name, images: data, count, height, width };
}

/**
 * The images of `set` whose number `keep` accepts, in their order, as a set of its own.
 *
 * @param keep called with each image's place in `set`, from 0
 */
export function selectImages(
  set: ImageSet,
  name: string,
  keep: (image: number) => boolean,
): ImageSet {
  checkArguments(
    "selectImages",
    { set },
    objectWith({ images: NUMBERS, labels: optional(NUMBERS) }),
  );
  checkArguments("selectImages", { name }, TEXT);
  checkArguments("selectImages", { keep }, FUNCTION);
  const size = set.height * set.width;
  const kept = Array.from({ length: set.count }, (_, i) => i).filter(keep);
  const pixelsOf = <T extends Uint8Array | Float32Array>(all: T, chosen: T): T => {
    kept.forEach((from, to) => {
      chosen.set(all.subarray(from * size, (from + 1) * size), to * size);
    });
    return chosen;
  };
  const length = kept.length * size;
  const { images, values, labels } = set;
  return {
    ...set,
    name,
    images: pixelsOf(images, new Uint8Array(length)),
    ...(values && { values: pixelsOf(values, new Float32Array(length)) }),
    count: kept.length,
    ...(labels && { labels: Uint8Array.from(kept, (image) => labels[image]) }),
  };
}

/** The first images of `set`, at most so many; all unless given. */
export function firstImages(set: ImageSet, most = Number.POSITIVE_INFINITY): ImageSet {
  checkArguments("firstImages", { set }, OBJECT);
  checkArguments("firstImages", { most }, NUMBER);
  return set.count <= most ? set : selectImages(set, set.name, (image) => image < most);
}

function requireAxes(shape: readonly number[], name: string): [number, number, number] {
  const [count, height, width] = shape;
  if (shape.length !== 3 || count * height * width === 0) {
    throw new SurmiseError(
      `${name}: axis sizes are (${shape.join(", ")}), expected (image, row, column), none of them 0`,
    );
  }
  return [count, height, width];
}
