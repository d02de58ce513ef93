/** Training that leaves its state in a folder, so that it can be interrupted at any moment. */
import { type Loop, NotFinite, type ProgramState } from "../inference/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import type { Ending, RunOptions } from "./events.ts";
import {
  appendRecord,
  type Checkpoint,
  runFiles,
  type StepRecord,
  stepOf,
  writeCheckpoint,
} from "./folder.ts";

/** A run that can be kept in a folder. */
export interface KeptRun<Record extends StepRecord> {
  readonly config: object;
  readonly loop: Loop;
  readonly records: readonly Record[];
  /** Where the run is, or was at `state`. */
  checkpoint(state?: ProgramState): Checkpoint;
  train(
    options: RunOptions & { readonly onRecord: (record: Record) => Promise<void> },
  ): Promise<Ending>;
}

export interface KeepOptions extends RunOptions {
  readonly folder: string;
  /** Seconds between two checkpoints; they are written at records. 5 unless given. */
  readonly checkpointEvery?: number;
}

export interface Interrupted {
  readonly kind: "interrupted";
  readonly step: number;
}

/**
 * Trains to the last step and then does what is left to do, `finish`.
 *
 * @throws SurmiseError if the bound is not finite; then the last good state is kept as the checkpoint.
 */
export async function keepRun<Record extends StepRecord, Finished>(
  run: KeptRun<Record>,
  { folder, onEvent, signal, checkpointEvery = 5 }: KeepOptions,
  finish: () => Promise<Finished>,
): Promise<Finished | Interrupted> {
  const save = async () => {
    await writeCheckpoint(folder, run.config, run.checkpoint(), run.records);
    onEvent?.({ kind: "checkpoint", step: run.loop.step });
  };
  try {
    let saved = performance.now();
    const ending = await run.train({
      onEvent,
      signal,
      onRecord: async (record) => {
        await appendRecord(folder, record);
        if (performance.now() - saved < 1000 * checkpointEvery) return;
        await save();
        saved = performance.now();
      },
    });
    await save();
    if (ending === "interrupted") return { kind: "interrupted", step: run.loop.step };
    return await finish();
  } catch (error) {
    if (error instanceof NotFinite) throw await keepLastGood(run, folder, error);
    if (signal?.aborted) return { kind: "interrupted", step: run.loop.step };
    throw error;
  }
}

async function keepLastGood<Record extends StepRecord>(
  run: KeptRun<Record>,
  folder: string,
  error: NotFinite,
) {
  const state = run.loop.lastGood();
  await writeCheckpoint(folder, run.config, run.checkpoint(state), run.records);
  return new SurmiseError(
    `${error.message}. The last good state, of step ${stepOf(state)}, is kept in ` +
      runFiles(folder).checkpoint,
    { cause: error },
  );
}
