/** The images of the tour: MNIST if it can be had in a moment, else digits drawn on the spot. */
import {
  drawDigits,
  type ImageDataset,
  type LoadOptions,
  listDatasets,
  loadImages,
} from "../../data/index.ts";
import { SurmiseError } from "../../tensor/index.ts";

/** Seconds for a download, and without a byte, before it is given up. */
const PATIENCE = 8;
const STALL = 3;

/** The images that the tour trains on. */
export interface TourData {
  /** The images. */
  readonly data: ImageDataset;
  /** Why it is not MNIST, if it is not. */
  readonly note?: string;
  /** Whether a download that was given up may still be on its way. */
  readonly pending: boolean;
}

/**
 * @throws SurmiseError if MNIST is on this computer but damaged.
 */
export async function tourData(options: LoadOptions = {}): Promise<TourData> {
  const known = await listDatasets(options);
  if (known.some(({ name, here }) => name === "mnist" && here)) {
    return { data: await loadImages("mnist", options), pending: false };
  }
  const found = await inTime(loadImages("mnist", { ...options, stallSeconds: STALL }), PATIENCE);
  if (found !== undefined && "train" in found) return { data: found, pending: false };
  const reason = found === undefined ? "takes too long to download" : "cannot be downloaded";
  return {
    data: drawDigits(),
    note: `MNIST ${reason}; these digits are drawn by surmise instead`,
    pending: found === undefined,
  };
}

/** What `work` gives, its SurmiseError, or undefined if it takes longer than `seconds`. */
async function inTime<T>(work: Promise<T>, seconds: number) {
  const settled = work.catch((error: unknown) => {
    if (error instanceof SurmiseError) return error;
    throw error;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), 1000 * seconds);
  });
  return Promise.race([settled, late]).finally(() => clearTimeout(timer));
}
