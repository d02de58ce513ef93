/** Massively parallel reweighted wake-sleep (Heap, Leech and Aitchison, UAI 2023). */
export { BUDGETS, type BudgetName } from "./budgets.ts";
export { busProblem } from "./bus.ts";
export type { TrainedConfig } from "./cell.ts";
export type { EstimatesConfig } from "./estimates.ts";
export { type CellPlan, EXPERIMENTS, type ExperimentName } from "./experiments.ts";
export { movielensProblem } from "./movielens.ts";
export type { Drawn, Held, JudgedProblem, Problem, SolvedProblem } from "./problem.ts";
export { studyReport } from "./report.ts";
export { type Estimate, type Row, rowsOf } from "./rows.ts";
export { type CellConfig, type CellResult, STRATEGIES, type Strategy } from "./strategies.ts";
export { type Ran, runStudy, type Study, type StudyOptions } from "./study.ts";
export { tableOf } from "./table.ts";
export { seenOften, seenOnce } from "./timeseries.ts";
