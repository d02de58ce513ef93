/** All cells of some experiments at a budget, each kept in a folder of its own. */
import { join } from "node:path";
import { type DriveOptions, drive } from "../runs/index.ts";
import type { BoundRecord, CellConfig, CellPlan, FinishedCell } from "./cell.ts";

/** The cells to be run, and where their results are kept. */
export interface StudyOptions<Config extends CellConfig, Result extends object>
  extends Pick<
    DriveOptions<Result, BoundRecord>,
    "onEvent" | "signal" | "checkpointEvery" | "onReady"
  > {
  /** In the order in which they are run. */
  readonly plans: readonly CellPlan<Config, Result>[];
  /** The folder of the study; each cell has one inside it. */
  readonly folder: string;
  /** Called before each cell. */
  readonly onCell?: (cell: CellPlan<Config, Result>, done: number, total: number) => void;
}

/** What there is so far; `ending` says whether it is all. */
export interface Study<Config extends CellConfig, Result extends object> {
  /** The cells that are done, in the order of the plans. */
  readonly finished: readonly FinishedCell<Config, Result>[];
  /** Whether all cells are done. */
  readonly ending: "finished" | "interrupted";
}

/**
 * Runs the cells that have no result yet. Called again with the same folder it goes on.
 *
 * @throws SurmiseError as `drive` does.
 */
export async function runStudy<Config extends CellConfig, Result extends object>(
  options: StudyOptions<Config, Result>,
): Promise<Study<Config, Result>> {
  const { plans, folder, onCell, signal, ...watch } = options;
  const finished: FinishedCell<Config, Result>[] = [];
  for (const [done, plan] of plans.entries()) {
    if (signal?.aborted) return { finished, ending: "interrupted" };
    onCell?.(plan, done, plans.length);
    const { title, config, open } = plan;
    const ended = await drive({
      ...watch,
      ...{ signal, config, kind: "cell", mode: "either" },
      folder: join(folder, plan.folder),
      load: async () => ({ sources: { "the cell": title }, open }),
    });
    if (ended.kind !== "finished") return { finished, ending: "interrupted" };
    finished.push({ title, config, result: ended.result });
  }
  return { finished, ending: "finished" };
}
