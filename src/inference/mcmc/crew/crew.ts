/**
 * Threads that advance chains side by side, in Node. Chains lie in memory that all threads share; a job is some transitions
 * of every chain, which threads take one by one, the calling thread too. A transition is a function of the memory of its
 * chain alone, so who makes it changes no bit.
 */
import type { LogDensity } from "../../density/logDensity.ts";
import type { ChainSettings } from "../chain.ts";
import type { ChainMemory } from "../memory.ts";
import { type Enlistment, Job, MESSAGE, WORD } from "./job.ts";

/** Whether threads can be had here. */
export function canEnlist(): boolean {
  return threadsModule() !== undefined;
}

function threadsModule() {
  const { process } = globalThis as { process?: NodeJS.Process };
  return process?.versions?.node === undefined
    ? undefined
    : process.getBuiltinModule?.("node:worker_threads");
}

/** Whom a crew is to advance. */
export interface CrewOptions {
  /** What is sampled: its program for one thread. */
  readonly density: LogDensity;
  /** What the chains are. */
  readonly settings: ChainSettings;
  /** How many there are. */
  readonly chains: number;
  /** Their memory (`ChainMemory.shared`). */
  readonly memory: ChainMemory;
  /** Threads beside the calling one. */
  readonly workers: number;
}

/** See the head of the file. */
export class Crew {
  private readonly job: Job;
  private readonly chains: number;
  private readonly workers: readonly { terminate(): unknown }[];

  /** Starts workers, which join once they are ready. Undefined where the density cannot be had by other threads. */
  static enlist({ density, settings, chains, memory, workers }: CrewOptions): Crew | undefined {
    const replica = density.replica();
    const threads = threadsModule();
    if (replica === undefined || threads === undefined) return undefined;
    const words = new SharedArrayBuffer(4 * (WORD.failures + chains));
    const messages = new SharedArrayBuffer(MESSAGE * chains);
    const pieces = [...memory.pieces];
    const workerData: Enlistment = { replica, settings, chains, pieces, words, messages };
    const started = Array.from({ length: workers }, () => {
      const worker = new threads.Worker(script(), { eval: true, execArgv: [], workerData });
      // One that does not start, as in a bundle that has no such file, is missed by nobody.
      worker.on("error", () => {});
      worker.unref();
      return worker;
    });
    return new Crew(new Job(workerData), chains, started);
  }

  private constructor(job: Job, chains: number, workers: Crew["workers"]) {
    this.job = job;
    this.chains = chains;
    this.workers = workers;
  }

  /** How many workers have joined. */
  get size(): number {
    return Atomics.load(this.job.words, WORD.ready);
  }

  /** Has every chain make `steps` transitions from `step` on. Returns what the first chain that failed threw. */
  advance(step: number, steps: number, own: (chain: number, step: number) => void) {
    const { job, chains } = this;
    const { words } = job;
    Atomics.store(words, WORD.step, step);
    Atomics.store(words, WORD.steps, steps);
    Atomics.store(words, WORD.done, 0);
    Atomics.store(words, WORD.next, 0);
    Atomics.add(words, WORD.job, 1);
    Atomics.notify(words, WORD.job);
    job.work(own);
    for (;;) {
      const done = Atomics.load(words, WORD.done);
      if (done === chains) return job.failure();
      Atomics.wait(words, WORD.done, done);
    }
  }

  /** Ends the workers. */
  dismiss(): void {
    const { words } = this.job;
    Atomics.store(words, WORD.job, -1);
    Atomics.notify(words, WORD.job);
    for (const worker of this.workers) worker.terminate();
  }
}

/** The script of a worker. Node reads this repository's own TypeScript through tsx. */
function script(): string {
  const here = import.meta.url;
  if (!here.endsWith(".ts")) return `import(${JSON.stringify(new URL("./worker.js", here).href)})`;
  return `
    const api = require("node:module").createRequire(${JSON.stringify(here)}).resolve("tsx/esm/api");
    import(require("node:url").pathToFileURL(api.replace(/cjs$/, "mjs")).href).then(({ register }) => {
      register();
      return import(${JSON.stringify(new URL("./worker.ts", here).href)});
    });`;
}
