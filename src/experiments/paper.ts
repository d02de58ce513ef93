/** A paper as `reproduce` sees it: a row of its table. */
import type { Report, ReportTable } from "../report/index.ts";
import { checkArguments, FUNCTION, listOf, oneOf, recordOf } from "../tensor/internal.ts";
import type { BudgetName, Budgets } from "./budget.ts";
import type { CellConfig, CellPlan } from "./cell.ts";
import type { Study } from "./study.ts";

/**
 * What `reproduce` needs to know of a paper: its experiments as cells, and how their results are
 * shown.
 */
export interface Paper<Config extends CellConfig, Result extends object, Row> {
  /** Of the report. */
  readonly title: string;
  /** What each budget is, and how long it takes. */
  readonly budgets: Budgets<object>;
  /** The names that `--experiment` takes. */
  readonly experiments: readonly string[];
  /** Whose settings may be chosen by `--as`, the first of them unless given; absent where there is no choice. */
  readonly variants?: readonly string[];
  /**
   * The cells of some experiments, in the order in which they are to be run with those of others. No data are loaded for it.
   */
  plans(
    experiments: readonly string[],
    budget: BudgetName,
    variant?: string,
  ): Promise<CellPlan<Config, Result>[]>;
  /** A cell, for people. */
  describe(plan: Pick<CellPlan<Config, Result>, "title" | "config">): string;
  /** The rows of the table of what is finished. */
  rows(study: Study<Config, Result>): readonly Row[];
  /** These rows, formatted. */
  table(rows: readonly Row[]): ReportTable;
  /** The page, with tables and figures. */
  report(study: Study<Config, Result>, budget: BudgetName): Promise<Report>;
}

/** A paper of which nothing is known but that it is one. */
// biome-ignore lint/suspicious/noExplicitAny: cells go from a paper to itself only
export type AnyPaper = Paper<any, any, any>;

/** The cells of some experiments, one experiment after the other, each made of what is `given`. */
export async function plansOf<Plan, Given extends readonly unknown[]>(
  experiments: Readonly<Record<string, (...given: Given) => Promise<readonly Plan[]>>>,
  names: readonly string[],
  ...given: Given
): Promise<Plan[]> {
  checkArguments("plansOf", { experiments }, recordOf(FUNCTION));
  checkArguments("plansOf", { names }, listOf(oneOf(...Object.keys(experiments))));
  const plans: Plan[] = [];
  for (const name of names) plans.push(...(await experiments[name](...given)));
  return plans;
}
