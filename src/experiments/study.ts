/** All cells of some experiments at a budget, each kept in a folder of its own. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DriveOptions, drive, readCurve, runFiles } from "../runs/index.ts";
import { SurmiseError } from "../tensor/internal.ts";
import type { BoundRecord, CellConfig, CellCurve, CellPlan, FinishedCell } from "./cell.ts";

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
  /** The curves of all cells that have begun, in the order of the plans. */
  readonly curves: readonly CellCurve<Config>[];
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
    if (signal?.aborted) break;
    onCell?.(plan, done, plans.length);
    const { title, config } = plan;
    const ended = await drive({
      ...watch,
      ...{ signal, config, kind: "cell", mode: "either", trustFinished: true },
      folder: join(folder, plan.folder),
      load: () => loadCell(plan),
    });
    if (ended.kind !== "finished") break;
    finished.push({ title, config, result: ended.result });
  }
  return studyOf(finished, plans, folder);
}

/**
 * What a folder holds of the cells of `plans`, whoever works in it; runs nothing.
 *
 * @throws SurmiseError if a result is damaged, or of other settings.
 */
export async function readStudy<Config extends CellConfig, Result extends object>({
  plans,
  folder,
}: Pick<StudyOptions<Config, Result>, "plans" | "folder">): Promise<Study<Config, Result>> {
  const finished: FinishedCell<Config, Result>[] = [];
  for (const plan of plans.filter((one) => isDone(folder, one))) {
    const { title, config } = plan;
    const told = await drive<Result, BoundRecord>({
      ...{ config, kind: "cell", mode: "resume", trustFinished: true },
      folder: join(folder, plan.folder),
      load: () => loadCell(plan),
    });
    if (told.kind === "finished") finished.push({ title, config, result: told.result });
  }
  return studyOf(finished, plans, folder);
}

async function loadCell<Result extends object>(plan: CellPlan<CellConfig, Result>) {
  const task = await plan.open();
  return { sources: { "the cell": plan.title }, open: () => task };
}

async function studyOf<Config extends CellConfig, Result extends object>(
  finished: readonly FinishedCell<Config, Result>[],
  plans: readonly CellPlan<Config, Result>[],
  folder: string,
): Promise<Study<Config, Result>> {
  const ending = finished.length === plans.length ? "finished" : "interrupted";
  return { finished, curves: await curvesIn(folder, plans), ending };
}

/** Whether a cell has a result. */
export function isDone(folder: string, plan: { readonly folder: string }): boolean {
  return existsSync(runFiles(join(folder, plan.folder)).result);
}

/** Steps of a cell that its curve tells of; after a checkpoint there may be more. */
export async function stepsDone(
  folder: string,
  plan: { readonly folder: string },
): Promise<number> {
  const { records } = await readCurve<BoundRecord>(join(folder, plan.folder));
  return records.at(-1)?.step ?? 0;
}

async function curvesIn<Config extends CellConfig, Result extends object>(
  folder: string,
  plans: readonly CellPlan<Config, Result>[],
): Promise<CellCurve<Config>[]> {
  const curves: CellCurve<Config>[] = [];
  for (const plan of plans) {
    const { title, config } = plan;
    const { records, damage } = await readCurve<BoundRecord>(join(folder, plan.folder));
    // What an unfinished cell has lost is told when it goes on.
    if (damage !== undefined && isDone(folder, plan)) {
      throw new SurmiseError(`${damage}; remove the folder around it to have this part made again`);
    }
    if (records.length > 0) curves.push({ title, config, records });
  }
  return curves;
}
