/** Auto-encoding variational Bayes as a row of the table of papers. */
import { type Paper, plansOf, tableOf } from "../../experiments/index.ts";
import { BUDGETS } from "./budgets.ts";
import { type AevbConfig, type AevbResult, DATA, METHODS } from "./cells/settings.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { studyReport } from "./report.ts";
import { COLUMNS, type Row, rowsOf } from "./rows.ts";

/** The paper as `reproduce` knows it. */
export const paper: Paper<AevbConfig, AevbResult, Row> = {
  title: "auto-encoding variational Bayes",
  budgets: BUDGETS,
  experiments: Object.keys(EXPERIMENTS),
  plans: (experiments, budget) => plansOf(EXPERIMENTS, experiments, BUDGETS[budget]),
  describe: ({ title, config: { method, data, latents, trainImages, rate, seed } }) =>
    `${title}, ${METHODS[method]}, ${trainImages} of ${DATA[data]}, ${latents} latents, rate ${rate}, seed ${seed}`,
  rows: ({ finished }) => rowsOf(finished),
  table: (rows) => tableOf(rows, COLUMNS),
  report: studyReport,
};
