/** A cell of an experiment before it is run: one task in a folder of its own. */
import type { LoopEvent } from "../inference/index.ts";
import { median, type StepRecord, type Task } from "../runs/index.ts";

/** One line of a cell's metrics.jsonl. */
export interface BoundRecord extends StepRecord {
  /** Mean over the steps since the record before, in nats. */
  readonly bound: number;
  /** Time that the steps of this sitting took. */
  readonly seconds: number;
}

/** The record of a cell whose metric is a bound. */
export async function recordBound({ step, metrics, seconds }: LoopEvent): Promise<BoundRecord> {
  return { step, bound: metrics.bound, seconds };
}

/** Seconds that a step takes: the median between records of one sitting, as `seconds` begins anew with each. */
export function medianSecondsPerStep(records: readonly BoundRecord[]): number {
  const paces = records.slice(1).flatMap(({ step, seconds }, i) => {
    const before = records[i];
    return seconds > before.seconds ? [(seconds - before.seconds) / (step - before.step)] : [];
  });
  return paces.length > 0 ? median(paces) : records[0].seconds / records[0].step;
}

/** The seeds of cells that differ by nothing else: 0, 1, ... */
export function seedsOf(count: number): readonly number[] {
  return Array.from({ length: count }, (_, seed) => seed);
}

/** What the settings of every cell hold. */
export interface CellConfig {
  /** Everything random of the cell follows from it. */
  readonly seed: number;
}

/** What the results of cells that take steps hold. */
export interface CellResult {
  /** The median time of a step. */
  readonly secondsPerStep: number;
  /** What ran: `wasm`, `c` or `oracle`. */
  readonly backend: string;
}

/** A cell that is to be run: one configuration of an experiment, with one seed. */
export interface CellPlan<Config extends CellConfig, Result extends object> {
  /** Of the problem. */
  readonly title: string;
  /** Everything that the result depends on. */
  readonly config: Config;
  /** Where it is kept, in the folder of the study. */
  readonly folder: string;
  /** What the evaluation at the end takes, in training steps; little unless given. */
  readonly evaluationSteps?: number;
  /**
   * Loads the data and makes the task; called when its turn comes.
   *
   * @throws SurmiseError if its data cannot be had.
   */
  readonly open: () => Promise<Task<Result, BoundRecord>>;
}

/** How far a cell is, whether it has a result or not. */
export interface CellCurve<Config extends CellConfig>
  extends Pick<CellPlan<Config, object>, "title" | "config"> {
  /** In the order of the steps. */
  readonly records: readonly BoundRecord[];
}

/** Whether a cell is one of `cells`. */
export function isAmong<Config extends CellConfig>(
  cells: readonly { readonly config: Config }[],
  { config }: { readonly config: Config },
): boolean {
  const settings = JSON.stringify(config);
  return cells.some((cell) => JSON.stringify(cell.config) === settings);
}

/** A cell that was run. */
export interface FinishedCell<Config extends CellConfig, Result extends object>
  extends Pick<CellPlan<Config, Result>, "title" | "config"> {
  /** What the task gave. */
  readonly result: Result;
}
