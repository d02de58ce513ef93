/** What the experiments of every paper share: cells, studies, rows, tables, budgets. */
export { BUDGET_NAMES, type BudgetName, type Budgets } from "./budget.ts";
export {
  type BoundRecord,
  type CellConfig,
  type CellCurve,
  type CellPlan,
  type CellResult,
  type FinishedCell,
  isAmong,
  medianSecondsPerStep,
  recordBound,
  seedsOf,
} from "./cell.ts";
export { formatDuration, type Stopwatch, type StopwatchOptions, stopwatch } from "./hours.ts";
export { type PlannedImages, planImages } from "./images.ts";
export { once } from "./once.ts";
export { laterHeights, type StudyPage, studyPage } from "./page.ts";
export { type AnyPaper, type Paper, plansOf } from "./paper.ts";
export { type CellGroup, type Estimate, estimate, groupCells } from "./rows.ts";
export { isDone, readStudy, runStudy, type Study, type StudyOptions, stepsDone } from "./study.ts";
export {
  formatEstimate,
  formatMilliseconds,
  formatSpread,
  sectionTable,
  type TableColumns,
  tableOf,
} from "./table.ts";
export { runInWorkers, type WorkerOptions } from "./workers.ts";
