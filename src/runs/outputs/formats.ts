/** The formats of files that draws are written in. */
import { writeDrawsCsv } from "./csv.ts";
import type { DrawsToSave, WriteProgress } from "./draws.ts";
import { writeDrawsParquet } from "./parquet.ts";
import { writeStanCsv } from "./stanCsv.ts";
import { writeZarr } from "./zarr.ts";

/** A format of files for draws. */
export interface DrawsFormat {
  /** In one line, for help. */
  readonly about: string;
  /** What its file is called among those of a run. */
  readonly key: string;
  /** The word that stands before its path where files are listed. */
  readonly label: string;
  /** The name of the file or folder. */
  readonly file: string;
  /** Only for draws of Markov chains. */
  readonly chainsOnly?: true;
  /** Writes all draws, never more than some megabytes of text or bytes at a time. */
  write(path: string, draws: DrawsToSave, progress?: WriteProgress): Promise<void>;
}

/** By name: one row each. */
export const FORMATS = {
  parquet: {
    about: "a column for each element",
    label: "draws",
    key: "draws",
    file: "draws.parquet",
    write: writeDrawsParquet,
  },
  zarr: {
    about: "for ArviZ: xarray.open_datatree",
    label: "ArviZ",
    key: "posterior",
    file: "posterior.zarr",
    write: writeZarr,
  },
  csv: {
    about: "a column for each element",
    label: "CSV",
    key: "csv",
    file: "draws.csv",
    write: writeDrawsCsv,
  },
  stan: {
    about: "of chains, as CmdStan writes them",
    label: "Stan CSV",
    key: "stan",
    file: "stan",
    chainsOnly: true,
    write: writeStanCsv,
  },
} as const satisfies Readonly<Record<string, DrawsFormat>>;

/** A key of `FORMATS`. */
export type FormatName = keyof typeof FORMATS;
