/** Chains of small models. */
import { type SampleOptions, sample } from "../../../src/inference/index.ts";
import type { Model } from "../../../src/model/index.ts";

export type Plain = Model<undefined, unknown>;

/** The chains of a model, by one that has no data. */
export const drawn = (model: Plain, options: SampleOptions = {}) =>
  sample(model, undefined, { backend: "wasm", seed: 1, ...options });
