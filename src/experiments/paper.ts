/** A paper as `reproduce` sees it: a row of its table. */
import type { Report, ReportTable } from "../report/index.ts";
import type { BudgetName, Budgets } from "./budget.ts";
import type { CellConfig, CellPlan } from "./cell.ts";
import type { Study } from "./study.ts";

export interface Paper<Config extends CellConfig, Result extends object, Row> {
  readonly title: string;
  /** What each budget is, and how long it takes. */
  readonly budgets: Budgets<object>;
  readonly experiments: readonly string[];
  /**
   * The cells of an experiment, in the order in which they are to be run with those of others.
   *
   * @throws SurmiseError if its data cannot be had.
   */
  plans(experiments: readonly string[], budget: BudgetName): Promise<CellPlan<Config, Result>[]>;
  /** A cell, for people. */
  describe(plan: Pick<CellPlan<Config, Result>, "title" | "config">): string;
  rows(study: Study<Config, Result>): readonly Row[];
  table(rows: readonly Row[]): ReportTable;
  report(study: Study<Config, Result>, budget: BudgetName): Promise<Report>;
}

/** A paper of which nothing is known but that it is one. */
// biome-ignore lint/suspicious/noExplicitAny: cells go from a paper to itself only
export type AnyPaper = Paper<any, any, any>;
