/** A model with its data, and the guide that the paper gives it. */
import { categorical, normal } from "../../distributions/index.ts";
import type { Model, ParamStore, Sites } from "../../model/index.ts";
import { constantInit, zeros } from "../../nn/index.ts";
import { type Axis, axis, exp, type Key, type Tensor, tensor } from "../../tensor/index.ts";

/** A model, or guide, that holds its data: it is called with none. */
export type ClosedModel = Model<undefined, unknown>;

/** Draws from a fitted posterior: of each latent along `along`, its plates and its event axes. */
export interface LatentDraws {
  /** By latent. */
  readonly draws: Readonly<Record<string, Tensor>>;
  /** The axis of the draws. */
  readonly along: Axis;
  /** What further draws follow from. */
  readonly key: Key;
  /** The store of the guide. */
  readonly parameters: ParamStore;
}

/** A model of the paper with its guide, and data bound to both. */
export interface Problem {
  /** For tables and figures, such as "MovieLens, 300 users, 5 films". */
  readonly title: string;
  /** The model p, its data bound. */
  readonly model: ClosedModel;
  /** The guide q, its data bound. */
  readonly guide: ClosedModel;
  /** Latents whose massively parallel particles share an axis, because their plates cross. */
  readonly groups: readonly (readonly string[])[];
}

/**
 * A problem with test data. Its guide is to be trained: factorised, in the families of the model, with
 * parameters for each element of the plates.
 */
export interface PredictiveProblem extends Problem, PredictiveFacts {
  /** log (1/S) sum_s p(test data | z_s) of S posterior draws z_s: a float64 scalar. */
  readonly predictive: (drawn: LatentDraws) => Tensor;
}

/** How predictions are judged. */
export interface PredictiveFacts {
  /** Posterior draws that are taken from each set of particles. */
  readonly drawsPerSet: number;
  /** How often the likelihood of each test datum is evaluated for a set; as often as there are draws unless given. */
  readonly evaluationsPerSet?: number;
}

/** What is known of a problem before its data are loaded. */
export interface PlannedProblem<P extends Problem> extends Pick<P, "title"> {
  /** Loads them; the same each time. */
  readonly load: () => Promise<P>;
}

/** The same, of one with test data. */
export type PlannedPredictive = PlannedProblem<PredictiveProblem> & PredictiveFacts;

/** A problem whose evidence is known, with the prior as the guide. */
export interface ExactProblem extends Problem {
  /** In nats. */
  readonly logEvidence: number;
}

/** The five log standard deviations 0, 1, ..., 4 that a discrete scale may take. */
const LEVELS = 5;
const level = axis("level", LEVELS);

/** A log standard deviation, with these weights a priori. */
export function scalePrior(weights: readonly [number, number, number, number, number]) {
  return categorical(tensor([...weights], [level]));
}

/** The guide's normal of a latent, with a mean and a log standard deviation for each element over `axes`. */
export function freeNormal(param: Sites["param"], name: string, axes: readonly Axis[], sd = 1) {
  const mean = param(`${name}.mean`, axes, { init: zeros });
  const logSd = param(`${name}.logSd`, axes, { init: constantInit(Math.log(sd)) });
  return normal(mean, exp(logSd));
}

/** The guide's weights of a discrete scale, for each element over `axes`; equal at the start. */
export function freeScale(param: Sites["param"], name: string, axes: readonly Axis[] = []) {
  return categorical({ logits: param(`${name}.logits`, [...axes, level], { init: zeros }) }, level);
}
