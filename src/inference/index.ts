/** Bounds on the log evidence, their training, and their evaluation. */

export { type Choice, type ChoiceOptions, chooseMethod, chooseTraining } from "./choice.ts";
export type { Position, UnconstrainedSite } from "./density/layout.ts";
export { type LogDensity, logDensity } from "./density/logDensity.ts";
export type { LogDensityOptions } from "./density/options.ts";
export type { LogDensityAt } from "./density/programs/expressions.ts";
export type { SiteValue } from "./density/programs/siteValues.ts";
export type { ChainOrder } from "./elimination/chains.ts";
export type { Elimination, EliminationOptions } from "./elimination/eliminate.ts";
export { explainElimination } from "./elimination/explain.ts";
export {
  type ActiveUnits,
  type ActiveUnitsOptions,
  activeUnits,
} from "./evaluation/activeUnits.ts";
export { type ChainEvidenceOptions, chainEvidence } from "./evaluation/chainEvidence.ts";
export { chainWarnings } from "./evaluation/chainWarnings.ts";
export { compareElpd, type ElpdComparison } from "./evaluation/compareElpd.ts";
export {
  type DataEvaluator,
  type DataEvaluatorOptions,
  type DataScore,
  type DataSet,
  dataEvaluator,
  type ScoreControl,
} from "./evaluation/dataEvaluator.ts";
export { type Evaluation, type EvaluationOptions, evaluation } from "./evaluation/evaluate.ts";
export {
  type GradientDiagnostics,
  type GradientDiagnosticsOptions,
  gradientDiagnostics,
} from "./evaluation/gradientDiagnostics.ts";
export {
  type ExpectedLogDensity,
  type LeaveOneOut,
  type LogLikelihoodDraws,
  leaveOneOut,
  type Waic,
  waic,
} from "./evaluation/leaveOneOut.ts";
export { type PredictiveOptions, predictiveLogLikelihood } from "./evaluation/predictive.ts";
export { nameOf, type Summary, summarise } from "./evaluation/summary.ts";
export type { Worth } from "./evaluation/worth.ts";
export { type Fit, type FittingEvent, fit, fitting } from "./fit.ts";
export type { FitOptions, FitRecord, TrainOptions } from "./fitting/options.ts";
export {
  type CarriedState,
  type Control,
  type Controlled,
  controls,
  type DatumRows,
  type Estimate,
  GRADIENTS,
  type Gradient,
  type GradientEstimator,
  type Held,
  type KlForm,
  type LearningSignal,
  type Moved,
  type Phases,
  scaledScore,
  score,
  type Terms,
} from "./gradient/index.ts";
export { automaticGuide, type GuideFamily } from "./guides/automatic.ts";
export {
  type LowRankOptions,
  lowRank,
  type MeanFieldOptions,
  meanField,
} from "./guides/families.ts";
export { type FlowKind, type FlowOptions, flow } from "./guides/flows/flow.ts";
export { fullCovariance } from "./guides/fullCovariance.ts";
export { type JointMixtureOptions, jointMixture } from "./guides/jointMixture.ts";
export { type MomentOptions, momentGuide } from "./guides/moments/moments.ts";
export { alongChains, structured } from "./guides/structured.ts";
export * from "./mcmc/index.ts";
export {
  type DensityMethod,
  type GuideMethod,
  type GuideOptions,
  METHODS,
  type Method,
  type MethodName,
} from "./methods.ts";
export { type BindOptions, bindDraws } from "./posterior/bindDraws.ts";
export { type Posterior, type PosteriorOptions, posterior } from "./posterior/posterior.ts";
export type { PosteriorDraws, SiteDraws } from "./posterior/posteriorDraws.ts";
export type { Evidence, Reliability } from "./posterior/reliability/reliability.ts";
export { reliabilityWarnings } from "./posterior/reliability/warnings.ts";
export {
  type Fitted,
  type FittedDraws,
  type SamplePosteriorOptions,
  samplePosterior,
} from "./posterior/samplePosterior.ts";
export {
  type Observation,
  type Observations,
  observationsOf,
} from "./predictive/observations.ts";
export { looPit, type SitePit } from "./predictive/pit.ts";
export { type ObservationName, type Pointwise, pointwise } from "./predictive/pointwise.ts";
export {
  type Coverage,
  type PosteriorCheck,
  posteriorCheck,
  type StatisticCheck,
  type StatisticName as CheckedStatistic,
} from "./predictive/posteriorCheck.ts";
export {
  logLikelihood,
  type PosteriorPredictiveOptions,
  type PredictiveDraws,
  posteriorPredictive,
  predictions,
} from "./predictive/posteriorPredictive.ts";
export { type PriorCheck, type PriorCheckOfSite, priorCheck } from "./predictive/priorCheck.ts";
export {
  type PredictiveDrawsOptions,
  type PriorDraws,
  type PriorPredictiveOptions,
  priorPredictive,
} from "./predictive/priorPredictive.ts";
export type { Spread } from "./predictive/spread.ts";
export type { Algorithm, Between, Diagnosis } from "./process/algorithm.ts";
export { Loop, type LoopControl, type LoopEvent, type LoopOptions } from "./process/loop.ts";
export { binarise, minibatch, minibatchRows } from "./process/minibatch.ts";
export { NotFinite } from "./process/nonFinite.ts";
export type { OptimiserOf } from "./process/optimisation.ts";
export type { ProgramState, StateValue } from "./process/state.ts";
export type { ChainProgress, HostAlgorithm, Stepper, StepperOptions } from "./process/stepper.ts";
export type { Trained, TrainedValues } from "./process/trained.ts";
export {
  type Objective,
  type ObjectiveAt,
  type Training,
  type TrainingOptions,
  training,
} from "./process/training.ts";
export {
  type MassivelyParallelOptions,
  type Parents,
  type Particles,
  particles,
} from "./proposal/particles.ts";
export type { ModelAndGuide } from "./proposal/traces.ts";
export type { HmcNoise, HmcOptions } from "./refinement/hmc.ts";
export type { RefineOptions } from "./refinement/refine.ts";
export type { Combination } from "./requirements/combination.ts";
export type { Requirement } from "./requirements/requirement.ts";
export type { ChainDraws } from "./sampling/draws.ts";
export type { SampleOptions, SamplerOptions } from "./sampling/options.ts";
export { sample } from "./sampling/sample.ts";
export {
  type ChainValues,
  eBfmi,
  essBulk,
  essMean,
  essQuantile,
  essSd,
  essTail,
  mcseMean,
  mcseQuantile,
  mcseSd,
  rHat,
} from "./statistics/chainDiagnostics.ts";
export {
  paretoK,
  paretoKLimit,
  paretoSmooth,
  type SmoothedWeights,
} from "./statistics/psis.ts";
export { type Bound, type BoundOptions, bound } from "./target/bound.ts";
export { type EmData, type MonteCarloEmOptions, monteCarloEm } from "./target/monteCarloEm.ts";
export { type SleepOptions, sleep, wakeSleep } from "./target/sleep.ts";
export { hoffman, type VcdOptions, vcd } from "./target/vcd.ts";
