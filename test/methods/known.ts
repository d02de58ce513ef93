/** What a model with a known answer is. */
import type { SampleOptions } from "../../src/inference/index.ts";
import type { Model } from "../../src/model/index.ts";
import type { Moments } from "./quadrature.ts";

type LatentValues = Extract<SampleOptions["init"], Readonly<Record<string, unknown>>>;

/** A model with its data, and where its answer is known, the moments of its posterior. */
export interface KnownModel {
  /** The model, and what it is called with. */
  readonly load: () => Promise<{
    readonly model: Model<never, unknown>;
    readonly data: unknown;
  }>;
  /** By the names of elements; without it they are those of a long run of chains, in `references.json`. */
  readonly moments?: Readonly<Record<string, Moments>>;
  /** Where the chains of that run begin; anywhere unless given. */
  readonly from?: LatentValues;
}

/** A model that has its data. */
export function plain(
  model: Model<undefined, unknown>,
  moments?: KnownModel["moments"],
): KnownModel {
  const load = async () => ({ model: model as Model<never, unknown>, data: undefined });
  return { load, ...(moments && { moments }) };
}
