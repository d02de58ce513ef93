/** All cells of some experiments at a budget, each kept in a folder of its own. */
import { join } from "node:path";
import { type CellOptions, type Interrupted, keepCell } from "../../runs/index.ts";
import {
  BUDGETS,
  type Budget,
  type BudgetName,
  cellsOf,
  EXPERIMENTS,
  type ExperimentName,
  type Named,
} from "./budgets.ts";
import { type CellConfig, type CellResult, cellOf } from "./cell.ts";

/** A cell that was run. */
export interface Ran {
  /** Of the problem. */
  readonly title: string;
  readonly config: CellConfig;
  readonly result: CellResult;
}

export interface StudyOptions
  extends Pick<CellOptions<CellResult>, "onEvent" | "signal" | "checkpointEvery" | "onReady"> {
  readonly experiments: readonly ExperimentName[];
  readonly budget: BudgetName;
  readonly folder: string;
  /** Called before each cell. */
  readonly onCell?: (cell: CellName, done: number, total: number) => void;
}

export interface CellName {
  /** Of the problem. */
  readonly title: string;
  readonly config: CellConfig;
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
  const chosen: Budget = BUDGETS[budget];
  const problems: Named[] = [];
  for (const experiment of experiments) problems.push(...(await EXPERIMENTS[experiment](chosen)));
  const cells = problems
    .flatMap((named) => cellsOf(named, chosen).map((config) => ({ named, config })))
    .sort((a, b) => a.config.particles - b.config.particles);

  const ran: Ran[] = [];
  for (const [done, { named, config }] of cells.entries()) {
    if (signal?.aborted) return { ran, ending: "interrupted" };
    const { title } = named.problem;
    onCell?.({ title, config }, done, cells.length);
    const { strategy, particles, seed } = config;
    const ended: { readonly kind: "finished"; readonly result: CellResult } | Interrupted =
      await keepCell({
        ...watch,
        signal,
        folder: join(folder, named.name, `${strategy}-${particles}-seed${seed}`),
        config,
        data: title,
        open: () => cellOf(named.problem, config),
      });
    if (ended.kind !== "finished") return { ran, ending: "interrupted" };
    ran.push({ title, config, result: ended.result });
  }
  return { ran, ending: "finished" };
}
