/** Data sets by name. */
import { checkArguments, OBJECT, SurmiseError, TEXT } from "../tensor/internal.ts";
import { type DigitsOptions, digitsInfo, drawDigits } from "./digits/digits.ts";
import type { ImageDataset } from "./images.ts";
import { type FileDataset, fileDatasets } from "./sets/datasets.ts";
import { isHere, type LocateOptions, locateFiles } from "./sets/locate.ts";

/** What `surmise data list` shows of a data set. */
export interface DatasetInfo {
  /** As `loadImages` and `--data` take it. */
  name: string;
  /** What it holds, in one line. */
  description: string;
  /** Where it comes from. */
  source: string;
  /** Bytes of its decompressed files; 0 if it is drawn. */
  bytes: number;
  /** Whether it can be loaded without a download. */
  here: boolean;
}

/** Where a data set is looked for, and how many digits are drawn. */
export interface LoadOptions extends LocateOptions {
  /** For "digits" only: how many to draw, and from which seed. */
  digits?: DigitsOptions;
}

/**
 * Loads a data set of pictures: "digits" (drawn, no files), "mnist", "mnist-static", "freyface" or "omniglot".
 *
 *     const { train, test } = await loadImages("mnist");
 *     train.images; // 60000 * 28 * 28 grey values
 *
 * Files are looked for in the folder SURMISE_DATA (its subfolder of the data set's name), then in
 * the cache, then downloaded into the cache; their checksums are verified each time.
 *
 * @throws SurmiseError for an unknown name, for a file that is damaged or not the known one, and,
 * listing all that was tried, for a file that cannot be had.
 */
export async function loadImages(name: string, options: LoadOptions = {}): Promise<ImageDataset> {
  checkArguments("loadImages", { name }, TEXT);
  checkArguments("loadImages", { options }, OBJECT);
  if (name === digitsInfo.name) return drawDigits(options.digits);
  return loadFiles(fileDataset(name), options);
}

/** How many images a data set of files has to fit and to judge by: known without them. */
export const imageCounts = (name: string): FileDataset["counts"] => fileDataset(name).counts;

function fileDataset(name: string): FileDataset {
  const dataset = fileDatasets.find((known) => known.name === name);
  if (dataset !== undefined) return dataset;
  const known = [digitsInfo, ...fileDatasets].map((each) => each.name).join(", ");
  throw new SurmiseError(`unknown data set "${name}": the known ones are ${known}`);
}

/** Loads a data set that is read from files; see {@link loadImages}. */
export async function loadFiles(
  dataset: FileDataset,
  options: LocateOptions,
): Promise<ImageDataset> {
  const { name, description, source } = dataset;
  const { train, test } = await dataset.read(await locateFiles(dataset, options));
  return { name, train, test, description, source };
}

/** All data sets that {@link loadImages} knows, in the order in which to show them. */
export async function listDatasets(options: LocateOptions = {}): Promise<DatasetInfo[]> {
  checkArguments("listDatasets", { options }, OBJECT);
  const fromFiles = fileDatasets.map(async (dataset) => ({
    name: dataset.name,
    description: dataset.description,
    source: dataset.source,
    bytes: dataset.files.reduce((sum, file) => sum + file.bytes, 0),
    here: await isHere(dataset, options),
  }));
  return [{ ...digitsInfo, bytes: 0, here: true }, ...(await Promise.all(fromFiles))];
}
