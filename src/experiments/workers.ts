/** Cells in processes of their own, some at a time. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { SurmiseError } from "../tensor/index.ts";

/** Cells to be run elsewhere. */
export interface WorkerOptions {
  /** How many processes there are at a time. */
  readonly workers: number;
  /** The cells, by what their processes are told. */
  readonly cells: readonly number[];
  /** The arguments of Node for a cell. */
  readonly argumentsOf: (cell: number) => readonly string[];
  /** The exit code of a process that was interrupted. */
  readonly interrupted: number;
  /** Stops all of them, each with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Called when a cell is done. */
  readonly onDone?: (cell: number, done: number, total: number) => void;
}

/**
 * Runs each cell in a process, which keeps it in its folder as this one would; the processes share the cores.
 *
 * @throws SurmiseError with the last words of a process that failed, once the others have ended.
 */
export async function runInWorkers(options: WorkerOptions): Promise<void> {
  const { workers, cells, signal, onDone } = options;
  const left = [...cells];
  const failures: string[] = [];
  let done = 0;
  const work = async () => {
    for (let cell = left.shift(); cell !== undefined; cell = left.shift()) {
      if (signal?.aborted || failures.length > 0) return;
      const failure = await runProcess(cell, options);
      if (failure !== undefined) failures.push(failure);
      else onDone?.(cell, ++done, cells.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, cells.length) }, work));
  if (failures.length > 0) throw new SurmiseError(failures[0]);
}

/** What it says if it fails; undefined where it does not, or was interrupted. */
async function runProcess(
  cell: number,
  { workers, argumentsOf, interrupted, signal }: WorkerOptions,
): Promise<string | undefined> {
  const threads = Math.max(1, Math.floor(availableParallelism() / workers));
  const child = spawn(process.execPath, argumentsOf(cell), {
    env: { SURMISE_THREADS: String(threads), ...process.env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  const stop = () => child.kill("SIGINT");
  signal?.addEventListener("abort", stop);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  }).finally(() => signal?.removeEventListener("abort", stop));
  if (code === 0 || code === interrupted || signal?.aborted) return undefined;
  return said.trim().replace(/^surmise: /, "") || `cell ${cell} ended with code ${code}`;
}
