/** All cells of some experiments at a budget, each kept in a folder of its own. */
import { join } from "node:path";
import {
  type CellFinished,
  type CellOptions,
  type Interrupted,
  keepCell,
} from "../../runs/index.ts";
import { BUDGETS, type BudgetName } from "./budgets.ts";
import { type CellPlan, EXPERIMENTS, type ExperimentName } from "./experiments.ts";
import type { CellResult } from "./strategies.ts";

/** A cell that was run. */
export interface Ran extends Pick<CellPlan, "title" | "config"> {
  readonly result: CellResult;
}

export interface StudyOptions
  extends Pick<CellOptions<CellResult>, "onEvent" | "signal" | "checkpointEvery" | "onReady"> {
  readonly experiments: readonly ExperimentName[];
  readonly budget: BudgetName;
  readonly folder: string;
  /** Called before each cell. */
  readonly onCell?: (cell: CellPlan, done: number, total: number) => void;
}

/** What there is so far; `ending` says whether it is all. */
export interface Study {
  readonly ran: readonly Ran[];
  readonly ending: "finished" | "interrupted";
}

/**
 * Runs the cells that have no result yet, those of few particles first, with all their seeds: what is there
 * after an interruption can be compared. Called again with the same folder it goes on.
 *
 * @throws SurmiseError if data cannot be had, or as `keepCell` does.
 */
export async function runStudy(options: StudyOptions): Promise<Study> {
  const { experiments, budget, folder, onCell, signal, ...watch } = options;
  const plans: CellPlan[] = [];
  for (const experiment of experiments) {
    plans.push(...(await EXPERIMENTS[experiment](BUDGETS[budget])));
  }
  plans.sort((a, b) => a.config.particles - b.config.particles);

  const ran: Ran[] = [];
  for (const [done, plan] of plans.entries()) {
    if (signal?.aborted) return { ran, ending: "interrupted" };
    onCell?.(plan, done, plans.length);
    const { title, config, open } = plan;
    const ended: CellFinished<CellResult> | Interrupted = await keepCell({
      ...{ ...watch, signal, config, open },
      folder: join(folder, plan.folder),
      data: title,
    });
    if (ended.kind !== "finished") return { ran, ending: "interrupted" };
    ran.push({ title, config, result: ended.result });
  }
  return { ran, ending: "finished" };
}
