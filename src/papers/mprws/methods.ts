/** By what the guide of a cell is trained. */
import { categorical, isDiscrete, type SupportOf } from "../../distributions/internal.ts";
import {
  automaticGuide,
  GRADIENTS,
  type Gradient,
  momentGuide,
  type OptimiserOf,
} from "../../inference/internal.ts";
import type { Sites } from "../../model/index.ts";
import { adam, sgd, stepDecay } from "../../optim/index.ts";
import { constant, stopGradient } from "../../tensor/index.ts";
import type { ClosedModel, Problem } from "./problem.ts";

/** A way of training. */
interface TrainingMethod {
  /** For tables and figures. */
  readonly title: string;
  /** The gradient estimator. */
  readonly gradient: Gradient;
  /** The rule that moves the guide, of a rate. */
  optimiser(rate: number): OptimiserOf;
  /** The guide that is trained. */
  guide(problem: Problem): ClosedModel;
  /** The guide whose particles are weighed for predictions; the trained one unless given. */
  weighed?(problem: Problem): ClosedModel;
}

/** Adam, whose rate is a tenth after every 10000 iterations. */
const decaying = (rate: number) => adam(stepDecay(rate, { every: 10000, factor: 0.1 }));

/** The methods, by name. */
export const TRAINING_METHODS = {
  rws: {
    title: "reweighted wake-sleep",
    gradient: "wake",
    optimiser: decaying,
    guide: ({ guide }) => guide,
  },
  vi: {
    title: "variational inference",
    // Of discrete latents that are drawn, no parameter is trained.
    gradient: { ...GRADIENTS.total, name: "totalOfContinuous", requires: [] },
    optimiser: decaying,
    guide: continuousOnly,
    weighed: ({ guide }) => guide,
  },
  qem: {
    title: "QEM",
    gradient: "qem",
    optimiser: (rate) => sgd(rate),
    guide: ({ model }) => automaticGuide(model, momentGuide()),
  },
} satisfies Record<string, TrainingMethod>;

/** A key of `TRAINING_METHODS`. */
export type TrainingMethodName = keyof typeof TRAINING_METHODS;

/** The method of that name. */
export function trainingMethod(name: TrainingMethodName): TrainingMethod {
  return TRAINING_METHODS[name];
}

/**
 * The guide without its discrete latents, which are summed out, but for those that share an axis of particles with others:
 * these are drawn, all values being as probable. Their parameters stay as they begin.
 */
function continuousOnly({ guide, groups }: Problem): ClosedModel {
  return (sites, data) => {
    const sample: Sites["sample"] = (name, distribution) => {
      const { support, parameters } = distribution;
      if (!isDiscrete(support)) return sites.sample(name, distribution);
      if (!groups.flat().includes(name)) return constant(0, distribution.dtype);
      return sites.sample(
        name,
        categorical(
          { logits: stopGradient(parameters.logits) },
          (support as SupportOf<"index">).axis,
        ),
      );
    };
    return guide({ ...sites, sample }, data);
  };
}
