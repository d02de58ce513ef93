/** What the options of a fit offer, and what methods need of them. */
import type { Optimiser } from "../../optim/index.ts";
import { oneOfNames, type Requirement } from "./requirement.ts";

/** What a method is combined with. */
export interface FitOffer {
  /** How many elements a step takes; all unless given. */
  readonly batch?: number | undefined;
  /** The update rule; the method's own unless given. */
  readonly optimiser?: Optimiser | undefined;
  /** Whether a normal near the posterior of the model is known. Looks for one when first called. */
  hasNormal(): boolean;
}

/** Something that a method needs. */
export type MethodNeed = Requirement<FitOffer>;

/** All the data in each step: weights of particles, and curvatures, are of the whole posterior. */
export const wholeData: MethodNeed = ({ batch }, who, others) => {
  if (batch === undefined) return undefined;
  return `fit: batch: method ${who} needs all the data at once: choose ${oneOfNames(others)}`;
};

/** A normal near the posterior, where training would otherwise begin at the priors. */
export const normalNear: MethodNeed = (offer, who) => {
  if (offer.hasNormal()) return undefined;
  return (
    `method ${who} finds no normal near the posterior of this model, which has chains of vectors, parameters, or no finite density ` +
    "where its priors lie: choose method structured or iwae"
  );
};

/** A rule that averages, as that of moments does. */
export const averagingRule: MethodNeed = ({ optimiser }, who) => {
  if (optimiser === undefined || optimiser.name === "sgd") return undefined;
  return (
    `method ${who} averages moments, which optimiser ${optimiser.name} does not: take sgd, whose rate is the share of the ` +
    "latest estimate in the average"
  );
};
