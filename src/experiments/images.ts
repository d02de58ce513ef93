/** Sets of images, cut to the size of an experiment. */
import { firstImages, type ImageDataset } from "../data/index.ts";
import { imageCounts, loadImages } from "../data/internal.ts";
import { checkArguments, TEXT } from "../tensor/internal.ts";
import { once } from "./once.ts";

/** A data set before it is loaded. */
export interface PlannedImages {
  /** How many images there are to fit and to judge by. */
  readonly counts: { readonly train: number; readonly test: number };
  /**
   * The images, the same each time.
   *
   * @throws SurmiseError as `loadImages`.
   */
  readonly load: () => Promise<ImageDataset>;
}

/** A data set by name with the first of its training images, at most so many; all unless given. */
export function planImages(name: string, trainImages?: number): PlannedImages {
  checkArguments("planImages", { name }, TEXT);
  const { train, test } = imageCounts(name);
  return {
    counts: { train: Math.min(train, trainImages ?? train), test },
    load: once(async () => {
      const data = await loadImages(name);
      return { ...data, train: firstImages(data.train, trainImages) };
    }),
  };
}
