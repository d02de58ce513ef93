/** Sets of images, cut to the size of an experiment. */
import { firstImages, type ImageDataset, loadImages } from "../data/index.ts";
import { checkArguments, TEXT } from "../tensor/internal.ts";

/**
 * A data set by name with the first of its training images, at most so many; all unless given.
 *
 * @throws SurmiseError as `loadImages`.
 */
export async function loadFirstImages(name: string, trainImages?: number): Promise<ImageDataset> {
  checkArguments("loadFirstImages", { name }, TEXT);
  const data = await loadImages(name);
  return { ...data, train: firstImages(data.train, trainImages) };
}
