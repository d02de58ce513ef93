/**
 * Data sets by name, and readers for the files people have.
 *
 * Nothing here knows of models: data are arrays and tensors with the sizes of their axes.
 */
export { type Buses, type BusRows, loadBuses } from "./buses.ts";
export { type Columns, columnsOf } from "./columns.ts";
export { type DigitsOptions, drawDigits } from "./digits.ts";
export type { DownloadProgress } from "./download.ts";
export { requireFinite } from "./finite.ts";
export { type IdxArray, readIdx } from "./idx.ts";
export {
  type ImageDataset,
  type ImageSet,
  imagesFromIdx,
  imagesFromNpy,
  selectImages,
} from "./images.ts";
export { type DatasetInfo, type LoadOptions, listDatasets, loadImages } from "./load.ts";
export type { LocateOptions } from "./locate.ts";
export { loadMovieLens, type MovieLens } from "./movielens.ts";
export { type NpyArray, readNpy } from "./npy.ts";
export { type Cell, readTable, type Table } from "./table.ts";
