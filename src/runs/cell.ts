/** A cell of an experiment: one training with a result of its own, kept in a folder. */
import { existsSync } from "node:fs";
import { type Algorithm, Loop, type ProgramState } from "../inference/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { thisBuild } from "./build.ts";
import type { RunOptions } from "./events.ts";
import {
  type Checkpoint,
  checkBuild,
  checkSettings,
  keepRecords,
  prepareFolder,
  readCheckpoint,
  readRecords,
  readResult,
  readRun,
  runFiles,
  type StepRecord,
  writeResult,
  writeRun,
} from "./folder.ts";
import { type Interrupted, type KeepOptions, type KeptRun, keepRun } from "./keep.ts";
import { median } from "./median.ts";

/** What a cell does. */
export interface Cell<Result extends object> {
  readonly algorithm: Algorithm;
  readonly steps: number;
  readonly recordEvery: number;
  /** Judges what was trained; throws if `signal` says to stop. */
  readonly finish: (trained: Trained, options: RunOptions) => Promise<Result>;
}

export interface Trained {
  readonly state: ProgramState;
  /** The mean bound of the steps of each stretch, that is, between two records. */
  readonly bounds: readonly number[];
  /** The median over the stretches: other work of the machine, now and then, does not change it. */
  readonly secondsPerStep: number;
  readonly backend: Loop["backend"];
}

export interface CellOptions<Result extends object> extends KeepOptions {
  /** Everything that the result depends on: numbers and words. */
  readonly config: object;
  /** A fingerprint of the data. */
  readonly data: string;
  /** Makes the cell; not called if its result is there. */
  readonly open: () => Cell<Result>;
  /** Called when everything is compiled. */
  readonly onReady?: (loop: Loop, steps: number) => void;
}

export interface CellFinished<Result> {
  readonly kind: "finished";
  readonly result: Result;
}

interface CellRecord extends StepRecord {
  readonly bound: number;
  /** Time that all steps so far took. */
  readonly seconds: number;
}

/**
 * The result of a cell: read from its folder if it is there; else the cell is begun, or goes on where it
 * was interrupted, to the bits it would have had. A result must survive being written as JSON.
 *
 * @throws SurmiseError if the folder holds something else, was begun by another build or with other data
 * and is not finished, or the bound is not finite.
 */
export async function keepCell<Result extends object>(
  options: CellOptions<Result>,
): Promise<CellFinished<Result> | Interrupted> {
  const { folder, config, data, open, onReady } = options;
  const begun = existsSync(runFiles(folder).run) ? await readRun(folder) : undefined;
  if (begun !== undefined) {
    checkSettings(folder, begun, config);
    if (begun.data !== data) {
      throw new SurmiseError(`the data are not those that '${folder}' was begun with`);
    }
    const result = await readResult(folder);
    if (result !== undefined) return { kind: "finished", result: result as Result };
  }
  const cell = open();
  const from = begun && (await readCheckpoint(folder, config));
  const run = new CellRun(config, cell, from);
  const build = thisBuild(run.loop.backend);
  if (begun === undefined) {
    await prepareFolder(folder);
    await writeRun(folder, { kind: "cell", config, build, data });
  } else {
    checkBuild(folder, begun, build);
    const { records, damage } = await readRecords<CellRecord>(folder, from?.lines ?? 0);
    if (damage !== undefined) {
      throw new SurmiseError(
        `${damage}: the result is made of them: remove the folder '${folder}'`,
      );
    }
    run.records.push(...records);
    await keepRecords(folder, run.records);
  }
  onReady?.(run.loop, cell.steps);
  return keepRun(run, options, async () => {
    const result = await cell.finish(run.trained(), options);
    await writeResult(folder, result);
    return { kind: "finished", result } as const;
  });
}

class CellRun<Result extends object> implements KeptRun<CellRecord> {
  readonly config: object;
  readonly loop: Loop;
  readonly records: CellRecord[] = [];
  private readonly steps: number;
  private readonly secondsBefore: number;

  constructor(config: object, cell: Cell<Result>, from: Checkpoint | undefined) {
    this.config = config;
    this.steps = cell.steps;
    this.secondsBefore = from?.seconds ?? 0;
    const { algorithm, steps, recordEvery } = cell;
    this.loop = new Loop({ algorithm, steps, recordEvery, from: from?.state });
  }

  checkpoint(state: ProgramState = this.loop.state()): Checkpoint {
    return { state, seconds: this.seconds };
  }

  trained(): Trained {
    return {
      state: this.loop.state(),
      bounds: this.records.map(({ bound }) => bound),
      secondsPerStep: median(times(this.records)),
      backend: this.loop.backend,
    };
  }

  async train(options: RunOptions & { readonly onRecord: (record: CellRecord) => Promise<void> }) {
    const { onEvent, onRecord, signal } = options;
    for await (const event of this.loop.run({ signal })) {
      onEvent?.({ ...event, bound: event.metrics.bound });
      if (event.kind !== "record") continue;
      const record = { step: event.step, bound: event.metrics.bound, seconds: this.seconds };
      this.records.push(record);
      await onRecord(record);
    }
    return this.loop.step < this.steps ? "interrupted" : "finished";
  }

  private get seconds(): number {
    return this.secondsBefore + this.loop.seconds;
  }
}

/** Seconds per step of each stretch. */
function times(records: readonly CellRecord[]): number[] {
  return records.map(({ step, seconds }, i) => {
    const before = i === 0 ? { step: 0, seconds: 0 } : records[i - 1];
    return (seconds - before.seconds) / (step - before.step);
  });
}
