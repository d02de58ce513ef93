/**
 * Data sets by name, and readers for the files people have.
 *
 * Nothing here knows of models: data are arrays and tensors with the sizes of their axes.
 */
export {
  type Arrays,
  arraysOf,
  type Cell,
  type Columns,
  type ColumnsOptions,
  columnsOf,
  type NumberArray,
  parseTable,
  type Table,
} from "../tables/index.ts";
export { type DigitsOptions, drawDigits } from "./digits/digits.ts";
export { type IdxArray, readIdx } from "./formats/idx.ts";
export { type NpyArray, readNpy } from "./formats/npy.ts";
export {
  firstImages,
  type ImageDataset,
  type ImageSet,
  imagesFromIdx,
  imagesFromNpy,
  selectImages,
} from "./images.ts";
export { type DatasetInfo, type LoadOptions, listDatasets, loadImages } from "./load.ts";
export { readArray } from "./readArray.ts";
export { readTable } from "./readTable.ts";
export { type Buses, type BusRows, loadBuses } from "./sets/buses.ts";
export type { DownloadProgress } from "./sets/download.ts";
export type { LocateOptions } from "./sets/locate.ts";
export { loadMovieLens, type MovieLens } from "./sets/movielens.ts";
