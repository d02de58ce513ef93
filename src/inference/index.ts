/** Bounds on the log evidence, their training, and their evaluation. */
export {
  eliminate,
  type Factor,
  factorsOf,
  type LatentTerms,
  logWeight,
  perElement,
  total,
  type Weight,
} from "./bound.ts";
export { type Evaluation, type EvaluationOptions, evaluation } from "./evaluate.ts";
export { begin, type Fit, type FitOptions, fit } from "./fit.ts";
export { binarise, minibatch, minibatchRows } from "./minibatch.ts";
export { type Bound, type BoundOptions, bound } from "./objective.ts";
export {
  average,
  importance,
  type Particles,
  type Shared,
  type Single,
  single,
} from "./particles.ts";
export { type Pair, type Traces, traceBoth } from "./traces.ts";
export { type Objective, type Training, type TrainingOptions, training } from "./training.ts";
