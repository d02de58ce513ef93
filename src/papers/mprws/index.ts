/** Massively parallel reweighted wake-sleep (Heap, Leech and Aitchison, UAI 2023). */
export { BUDGETS } from "./budgets.ts";
export { busProblem } from "./bus.ts";
export type { EstimatesConfig } from "./estimates.ts";
export { EXPERIMENTS, type ExperimentName } from "./experiments.ts";
export { movielensProblem } from "./movielens.ts";
export { paper } from "./paper.ts";
export type {
  ExactProblem,
  Held,
  PosteriorDraws,
  PredictiveProblem,
  Problem,
} from "./problem.ts";
export { studyReport } from "./report.ts";
export { type Row, rowsOf } from "./rows.ts";
export { type MprwsConfig, type MprwsResult, STRATEGIES, type Strategy } from "./strategies.ts";
export { everyThirdObserved, finalObservation } from "./timeseries.ts";
export type { TrainedConfig } from "./trainings.ts";
