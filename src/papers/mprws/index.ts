/** Massively parallel reweighted wake-sleep (Heap, Leech and Aitchison, UAI 2023). */
export { BUDGETS, type BudgetName, EXPERIMENTS, type ExperimentName } from "./budgets.ts";
export { busProblem } from "./bus.ts";
export { type CellConfig, type CellResult, STRATEGIES, type Strategy } from "./cell.ts";
export { movielensProblem } from "./movielens.ts";
export type { Drawn, Held, Problem } from "./problem.ts";
export { studyReport, tableOf } from "./report.ts";
export { type Estimate, type Row, rowsOf } from "./rows.ts";
export { type CellName, type Ran, runStudy, type Study, type StudyOptions } from "./study.ts";
