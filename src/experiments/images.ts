/** Sets of images, cut to the size of an experiment. */
import { type ImageSet, selectImages } from "../data/index.ts";
import { checkArguments, NUMBER, OBJECT } from "../tensor/internal.ts";

/** The first images of a set, at most so many. */
export function firstImages(set: ImageSet, most: number): ImageSet {
  checkArguments("firstImages", { set }, OBJECT);
  checkArguments("firstImages", { most }, NUMBER);
  return set.count <= most ? set : selectImages(set, set.name, (image) => image < most);
}
