/** Massively parallel reweighted wake-sleep (Heap, Leech and Aitchison, UAI 2023). */
export { BUDGETS } from "./budgets.ts";
export type { EstimatesConfig } from "./estimates.ts";
export { EXPERIMENTS, type ExperimentName } from "./experiments.ts";
export { paper } from "./paper.ts";
export type {
  ClosedModel,
  ExactProblem,
  LatentDraws,
  PredictiveProblem,
  Problem,
} from "./problem.ts";
export { busProblem } from "./problems/bus.ts";
export { movielensProblem } from "./problems/movielens.ts";
export { everyThirdObserved, finalObservation } from "./problems/timeseries.ts";
export { studyReport } from "./report.ts";
export { type Row, rowsOf } from "./rows.ts";
export { type MprwsConfig, type MprwsResult, STRATEGIES, type Strategy } from "./strategies.ts";
export type { TrainedConfig } from "./trainings.ts";
