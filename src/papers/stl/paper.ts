/** Sticking the landing as a row of the table of papers. */
import { type Paper, plansOf, tableOf } from "../../experiments/index.ts";
import { BUDGETS } from "./budgets.ts";
import type { AutoencoderConfig } from "./cells/autoencoders.ts";
import { ESTIMATORS, type StlConfig, type StlResult } from "./cells/settings.ts";
import { EXPERIMENTS, VARIANTS, type Variant } from "./experiments.ts";
import { studyReport } from "./report.ts";
import { COLUMNS, cellName, type Row, rowsOf } from "./rows.ts";

/** The paper as `reproduce` knows it. */
export const paper: Paper<StlConfig, StlResult, Row> = {
  title: "sticking the landing (path derivatives)",
  budgets: BUDGETS,
  experiments: Object.keys(EXPERIMENTS),
  variants: VARIANTS,
  /** In the order of the table; all estimators of a seed before the next seed. */
  plans: (experiments, budget, variant = VARIANTS[0]) =>
    plansOf(EXPERIMENTS, experiments, BUDGETS[budget], variant as Variant),
  describe({ title, config }) {
    const which =
      config.experiment === "table2" ? `, ${cellName(config as AutoencoderConfig)}` : "";
    return `${title}${which}, ${ESTIMATORS[config.estimator]}, seed ${config.seed}`;
  },
  rows: ({ finished, curves }) => rowsOf(finished, curves),
  table: (rows) => tableOf(rows, COLUMNS),
  report: studyReport,
};
