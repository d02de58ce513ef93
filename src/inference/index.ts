/** Bounds on the log evidence, their training, and their evaluation. */

export { type BindOptions, bindDraws } from "./bind.ts";
export type { ChainOrder } from "./chains.ts";
export { type Elimination, type EliminationOptions, eliminate, type Step } from "./eliminate.ts";
export { type Evaluation, type EvaluationOptions, evaluation } from "./evaluate.ts";
export { explainElimination } from "./explain.ts";
export { type Factor, factorsOf, type LatentTerms } from "./factors.ts";
export { Suspect } from "./faults.ts";
export { begin, type Fit, type FitOptions, fit } from "./fit.ts";
export type { Gradient } from "./gradients.ts";
export { automaticGuide, type GuideFamily } from "./guides/automatic.ts";
export {
  freePointGuide,
  type LowRankOptions,
  lowRank,
  type MeanFieldOptions,
  meanField,
  pointGuide,
} from "./guides/families.ts";
export { fullCovariance } from "./guides/fullCovariance.ts";
export { type Curvature, curvatureAt } from "./guides/laplace.ts";
export { checkPeak } from "./guides/peak.ts";
export type { Start } from "./guides/start.ts";
export { alongChains, structured } from "./guides/structured.ts";
export type { Limit } from "./limits.ts";
export { checkMethod, METHODS, type Method, type MethodName } from "./methods.ts";
export { binarise, minibatch, minibatchRows } from "./minibatch.ts";
export { type Bound, type BoundOptions, bound } from "./objective.ts";
export {
  average,
  global,
  local,
  type MassivelyParallelOptions,
  massivelyParallel,
  type Parents,
  type ParticleAxis,
  type Particles,
  type Placed,
  single,
} from "./particles.ts";
export { type Posterior, type PosteriorOptions, posterior } from "./posterior.ts";
export { type PredictiveOptions, predictiveLogLikelihood } from "./predictive.ts";
export { type Samples, type SamplesOptions, type SiteSamples, samplePosterior } from "./samples.ts";
export { type SleepOptions, sleep, wakeSleep } from "./sleep.ts";
export { nameOf, type Summary, summarise } from "./summary.ts";
export { type DrawnAxis, type Pair, type Traces, traceBoth } from "./traces.ts";
export { type Objective, type Training, type TrainingOptions, training } from "./training.ts";
export { perElement, total, type Weight } from "./weights.ts";
