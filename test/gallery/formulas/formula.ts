/** Models beside their log densities, written from the formulas in plain numbers. */
import type { Model } from "../../../src/model/index.ts";

/** Values of latents by site, each row-major over its plates and event axes. */
export type Values = Readonly<Record<string, readonly number[]>>;

/** A model on data that it holds, and its log density at the values of its latents, discrete ones summed out. */
export interface Formula {
  readonly model: Model<undefined, unknown>;
  readonly logDensity: (at: Values) => number;
  /** How far unconstrained numbers are drawn from 0; 0.4 unless given. */
  readonly spread?: number;
}

/** By name; made when it is looked at. */
export type Formulas = Readonly<Record<string, () => Formula>>;
