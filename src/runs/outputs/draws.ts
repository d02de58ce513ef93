/** Draws as every format of files takes them. */
import {
  type ChainDraws,
  nameOf,
  type PosteriorDraws,
  type PredictiveDraws,
} from "../../inference/index.ts";
import type { Axis } from "../../tensor/index.ts";
import { labelsAt, sizeOf } from "../../tensor/internal.ts";

/** Values over axes, row-major. */
export interface ValuesToSave {
  /** In the order of `data`. */
  readonly axes: readonly Axis[];
  /** Row-major over `axes`. */
  readonly data: ArrayLike<number>;
  /** They are whole numbers. */
  readonly whole?: true;
}

/** Draws, and what stands beside them in files that have room for it. */
export interface DrawsToSave extends PosteriorDraws, Partial<Pick<ChainDraws, "statistics">> {
  /** The data of the model, by observed site. */
  readonly observed?: Readonly<Record<string, ValuesToSave>>;
  /** What else the model has taken of its data, such as covariates, by name. */
  readonly constant?: Readonly<Record<string, ValuesToSave>>;
  /** Draws of the observed sites at those of the posterior. */
  readonly predictive?: PredictiveDraws;
  /** The log likelihood of each observation at draws of the posterior, by observed site, in nats. */
  readonly logLikelihood?: PredictiveDraws;
  /** Said of the whole: what made it, and how. */
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** Called now and then with the share that is written, from 0 to 1. */
export type WriteProgress = (share: number) => void;

/** A column of a table with a row for each draw. */
export interface DrawsColumn {
  /** `theta[Choate]`. */
  readonly name: string;
  /** The number in the row of draw `d`. */
  readonly at: (d: number) => number;
  /** All are whole numbers. */
  readonly whole: boolean;
}

/** Whether values are whole numbers, and all of them are known: there are whole numbers for them in a file. */
export function areWhole({ whole, data }: Pick<ValuesToSave, "whole" | "data">): boolean {
  if (whole !== true) return false;
  for (let i = 0; i < data.length; i++) if (!Number.isSafeInteger(data[i])) return false;
  return true;
}

/**
 * A column for each element of each site, in their order; those of chains have the columns `.chain` and `.draw` before
 * them, which count from 1. Draws are in rows, one chain after the other.
 */
export function drawsColumns({ draws, chains, sites }: PosteriorDraws): readonly DrawsColumn[] {
  const elements = Object.entries(sites).flatMap(([site, values]) => {
    const { axes, data } = values;
    const size = sizeOf(axes);
    const whole = areWhole(values);
    return Array.from({ length: size }, (_, at) => ({
      name: nameOf({ site, element: labelsAt(axes, at) }),
      at: (d: number) => data[d * size + at],
      whole,
    }));
  });
  if (chains === undefined) return elements;
  const each = draws / chains;
  return [
    { name: ".chain", at: (d) => Math.floor(d / each) + 1, whole: true },
    { name: ".draw", at: (d) => (d % each) + 1, whole: true },
    ...elements,
  ];
}
