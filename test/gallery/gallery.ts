/** Models of galleries, with what their data were drawn from. */
import type { Model } from "../../src/model/index.ts";

/** A model on data that it holds, and the numbers they were drawn from, by site. */
export interface Exhibit {
  readonly model: Model<undefined, unknown>;
  readonly truth: Readonly<Record<string, number | readonly number[]>>;
  /** Of each chain, where they move slowly. */
  readonly draws?: number;
}

/** By name; made when it is looked at. */
export type Gallery = Readonly<Record<string, () => Exhibit>>;
