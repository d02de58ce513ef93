/** Massively parallel reweighted wake-sleep as a row of the table of papers. */
import { type Paper, plansOf, tableOf } from "../../experiments/index.ts";
import { BUDGETS } from "./budgets.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { TRAINING_METHODS } from "./methods.ts";
import { studyReport } from "./report.ts";
import { COLUMNS, type Row, rowsOf } from "./rows.ts";
import { type MprwsConfig, type MprwsResult, STRATEGIES } from "./strategies.ts";

/** The paper as `reproduce` knows it. */
export const paper: Paper<MprwsConfig, MprwsResult, Row> = {
  title: "massively parallel reweighted wake-sleep",
  budgets: BUDGETS,
  experiments: Object.keys(EXPERIMENTS),
  /** Cells of few particles come first, with all their seeds: what is there after an interruption can be compared. */
  async plans(experiments, budget) {
    const plans = await plansOf(EXPERIMENTS, experiments, BUDGETS[budget]);
    return plans.sort((a, b) => a.config.particles - b.config.particles);
  },
  describe: ({ title, config: { strategy, particles, seed, method, rate } }) =>
    `${title}, ${STRATEGIES[strategy].title}${method ? ` ${TRAINING_METHODS[method].title}, rate ${rate}` : ""}, ` +
    `K=${particles}, seed ${seed}`,
  rows: ({ finished }) => rowsOf(finished),
  table: (rows) => tableOf(rows, COLUMNS),
  report: studyReport,
};
