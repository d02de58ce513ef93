/** The variational contrastive divergence as a row of the table of papers. */
import { type Paper, plansOf, tableOf } from "../../experiments/index.ts";
import { BUDGETS } from "./budgets.ts";
import { METHODS, type VcdConfig, type VcdResult } from "./cells/settings.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { studyReport } from "./report.ts";
import { COLUMNS, type Row, rowsOf } from "./rows.ts";

/** The paper as `reproduce` knows it. */
export const paper: Paper<VcdConfig, VcdResult, Row> = {
  title: "variational contrastive divergence",
  budgets: BUDGETS,
  experiments: Object.keys(EXPERIMENTS),
  plans: (experiments, budget) => plansOf(EXPERIMENTS, experiments, BUDGETS[budget]),
  describe({ title, config: { method, seed, ...config } }) {
    const others = Object.entries(config)
      .filter(([name]) => ["target", "guide", "control", "batch"].includes(name))
      .map(([, value]) => `, ${value}`);
    return `${title}, ${METHODS[method]}${others.join("")}, seed ${seed}`;
  },
  rows: ({ finished }) => rowsOf(finished),
  table: (rows) => tableOf(rows, COLUMNS),
  report: studyReport,
};
