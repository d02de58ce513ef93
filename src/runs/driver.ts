/** A task kept in a folder: begun, interrupted at any moment, resumed to the same bits. */
import { existsSync } from "node:fs";
import { NotFinite } from "../inference/index.ts";
import {
  checkArguments,
  either,
  FUNCTION,
  objectWith,
  SurmiseError,
  TEXT,
} from "../tensor/internal.ts";
import { thisBuild } from "./build.ts";
import type { RunControl } from "./events.ts";
import { makeFolder } from "./files.ts";
import {
  checkBuild,
  checkNewFolder,
  checkSettings,
  checkSources,
  type RunDescription,
  readCheckpoint,
  readResult,
  readRun,
  stepOf,
  writeCheckpoint,
  writeResult,
  writeRun,
} from "./folder/folder.ts";
import { runFiles } from "./folder/paths.ts";
import { appendRecord, keepRecords, lostRecords, readRecords } from "./folder/records.ts";
import { tidy, withLock } from "./lock.ts";
import { Run } from "./run.ts";
import type { Problem, StepRecord, Task } from "./task.ts";

/** Where a run is kept, what it is made from, and how it is watched and stopped. */
export interface DriveOptions<Result extends object, Line extends StepRecord> extends RunControl {
  /** The folder of the run; made where there is none. Of a new run also what makes it, asked once all is compiled. */
  readonly folder: string | (() => Promise<string>);
  /** Whose settings they are: a word that run.json keeps. */
  readonly kind: string;
  /** Everything that the result depends on: numbers and words. */
  readonly config: object;
  /** What is asked for of a run that is there already, if less than all of `config`. */
  readonly given?: object | undefined;
  /** What to call a setting in messages. */
  readonly nameOf?: (setting: string) => string;
  /** Loads the data; the task is not opened if its result is there. */
  readonly load: () => Promise<Omit<Problem<Result, Line>, "title">>;
  /** Tells the result of a finished run again without loading its data to compare. */
  readonly trustFinished?: boolean;
  /** `new` refuses a folder that holds a run, `resume` one that holds none. */
  readonly mode: "new" | "resume" | "either";
  /** Goes on even if another build of surmise began the run. */
  readonly force?: boolean;
  /**
   * Seconds between two checkpoints, which are written at records: 5 unless given, more where they would take more than a
   * tenth of the time; 0 is at each record.
   */
  readonly checkpointEvery?: number;
  /** Called when everything is compiled. */
  readonly onReady?: (run: Run<Result, Line>, folder: string) => void;
}

/** A run whose folder is there. */
type PlacedOptions<Result extends object, Line extends StepRecord> = DriveOptions<Result, Line> & {
  readonly folder: string;
};

/** A run with its result. */
export interface Finished<Result> {
  /** All steps are made. */
  readonly kind: "finished";
  /** What the task gave, as it stands in result.json. */
  readonly result: Result;
}

/** A run that was stopped and can go on. */
export interface Interrupted {
  /** Stopped by the signal. */
  readonly kind: "interrupted";
  /** The step of the checkpoint. */
  readonly step: number;
}

/**
 * The result of a task: read from its folder if it is there; else the task is begun, or goes on where it
 * was interrupted, to the bits it would have had.
 *
 * @throws SurmiseError for a folder that cannot be used, that another process works in, holds another run, or one that
 * was begun by another build (unless forced) or with other data; and where a metric is not finite: then the last good
 * state is kept as the checkpoint.
 */
export async function drive<Result extends object, Line extends StepRecord>(
  options: DriveOptions<Result, Line>,
): Promise<Finished<Result> | Interrupted> {
  checkArguments(
    "drive",
    { options },
    objectWith({ folder: either(TEXT, FUNCTION), load: FUNCTION }),
  );
  const { folder, kind, config, load, mode, onReady } = options;
  if (
    typeof folder === "string" &&
    (mode === "resume" || (mode === "either" && existsSync(runFiles(folder).run)))
  ) {
    return resume({ ...options, folder });
  }
  // Before anything is read or compiled; and once more when the folder is this run's alone.
  if (typeof folder === "string" && existsSync(runFiles(folder).run)) await checkNewFolder(folder);
  const { sources, open } = await load();
  const run = compiled(options, () => new Run(open()));
  const placed = { ...options, folder: typeof folder === "string" ? folder : await folder() };
  await makeFolder(placed.folder);
  return withLock(placed.folder, async () => {
    await checkNewFolder(placed.folder);
    const build = thisBuild(run.loop.backend);
    await writeRun(placed.folder, { kind, config, build, sources });
    onReady?.(run, placed.folder);
    return train(run, placed);
  });
}

async function resume<Result extends object, Line extends StepRecord>(
  options: PlacedOptions<Result, Line>,
): Promise<Finished<Result> | Interrupted> {
  const { folder, config, load, trustFinished = false } = options;
  const begun = await readRun(folder);
  checkSettings(folder, begun, options.given ?? config, options.nameOf);
  const result = await readResult(folder);
  const told = result !== undefined && { kind: "finished" as const, result: result as Result };
  if (told) await tidy(folder);
  if (told && trustFinished) return told;
  const { sources, open } = await load();
  checkSources(folder, begun, sources);
  if (told) return told;
  return withLock(folder, () => goOn(begun, open(), options));
}

async function goOn<Result extends object, Line extends StepRecord>(
  begun: RunDescription,
  task: Task<Result, Line>,
  options: PlacedOptions<Result, Line>,
): Promise<Finished<Result> | Interrupted> {
  const { folder, config, onReady } = options;
  const checkpoint = await readCheckpoint(folder, config);
  const { records, damage } = await readRecords<Line>(folder, checkpoint?.lines ?? 0);
  if (damage !== undefined) {
    if (task.resultNeedsRecords || task.patience !== undefined) {
      throw new SurmiseError(
        `${damage}: the result is made of them: remove the folder '${folder}'`,
      );
    }
    options.onEvent?.({ kind: "warning", message: lostRecords(damage) });
  }
  const from = checkpoint && { ...checkpoint, records };
  const run = compiled(options, () => new Run(task, from));
  if (!options.force) checkBuild(folder, begun, thisBuild(run.loop.backend));
  await keepRecords(folder, records);
  onReady?.(run, folder);
  return train(run, options);
}

/** What `compile` makes, with events around it. */
function compiled<T>({ onEvent }: RunControl, compile: () => T): T {
  onEvent?.({ kind: "compiling" });
  try {
    return compile();
  } finally {
    onEvent?.({ kind: "compiled" });
  }
}

/** At most this share of the time goes into checkpoints: those of a million draws are large. */
const CHECKPOINT_SHARE = 0.1;

async function train<Result extends object, Line extends StepRecord>(
  run: Run<Result, Line>,
  { folder, config, onEvent, signal, checkpointEvery = 5 }: PlacedOptions<Result, Line>,
): Promise<Finished<Result> | Interrupted> {
  const interrupted = (): Interrupted => ({ kind: "interrupted", step: run.loop.step });
  const save = async () => {
    await writeCheckpoint(folder, config, run.checkpoint(), run.records);
    onEvent?.({ kind: "checkpoint", step: run.loop.step });
  };
  try {
    let next = performance.now() + 1000 * checkpointEvery;
    const ending = await run.train({
      onEvent,
      signal,
      onRecord: async (record) => {
        await appendRecord(folder, record);
        const begun = performance.now();
        if (begun < next) return;
        await save();
        const ended = performance.now();
        // Unless it is wanted at each record.
        const least = checkpointEvery === 0 ? 0 : (ended - begun) / CHECKPOINT_SHARE;
        next = ended + Math.max(1000 * checkpointEvery, least);
      },
    });
    await save();
    if (ending === "interrupted") return interrupted();
    const result = await run.task.finish(run.trained(), { folder, onEvent, signal });
    await writeResult(folder, result);
    return { kind: "finished", result };
  } catch (error) {
    if (error instanceof NotFinite) throw await keepLastGood(run, folder, config, error);
    if (signal?.aborted) return interrupted();
    throw error;
  }
}

async function keepLastGood<Result extends object, Line extends StepRecord>(
  run: Run<Result, Line>,
  folder: string,
  config: object,
  error: NotFinite,
): Promise<SurmiseError> {
  const state = run.loop.lastGood();
  await writeCheckpoint(folder, config, run.checkpoint(state), run.records);
  return new SurmiseError(
    `${error.message}. The last good state, of step ${stepOf(state)}, is kept in ` +
      runFiles(folder).checkpoint,
    { cause: error },
  );
}
