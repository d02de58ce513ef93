/**
 * Times several workers side by side: all are started and warmed up, then they take turns, one
 * block each, so that whatever else the machine does meets all of them.
 */
import { SurmiseError } from "../../src/tensor/index.ts";
import { type BuildRound, timeBuild } from "./builds.ts";
import type { WorkerCommand } from "./commands.ts";
import { WorkerProcess } from "./process.ts";
import type { Block, Hello, Ready } from "./protocol.ts";
import { buildTimes, type TimedRow, times } from "./statistics.ts";
import type { Workload } from "./workloads/index.ts";

export interface BenchOptions {
  readonly workload: Workload;
  /** Ways to run surmise: all others must agree with the first, and are timed by it. */
  readonly surmise: readonly WorkerCommand[];
  readonly peers: readonly WorkerCommand[];
  readonly threads: number;
  /** Of one block. */
  readonly seconds: number;
  /** Blocks of each worker that count. */
  readonly rounds: number;
  /** How often the build of the step is timed, each in fresh processes. */
  readonly builds: number;
  /** Called when a peer is left out. */
  readonly onSkip: (skipped: Skipped) => void;
  /** Called after each process or block. */
  readonly onProgress: (done: number, total: number) => void;
}

/** A peer that was left out, and why. */
export interface Skipped {
  readonly peer: string;
  readonly message: string;
}

/** A worker that is ready, and its blocks. */
interface Runner extends Ready {
  readonly command: WorkerCommand;
  readonly worker: WorkerProcess;
  readonly blocks: Block[];
}

/**
 * Runs a benchmark; the rows are in the order of the workers.
 *
 * @throws SurmiseError if surmise's first worker fails, or a peer computes something else than it.
 */
export async function runBench(options: BenchOptions): Promise<TimedRow[]> {
  const bench = new Bench(options);
  try {
    const built = await bench.build();
    const runners = await bench.start();
    const [first, ...others] = runners;
    for (const other of others) checkAgreement(first, other);
    const finished = await bench.takeTurns(runners);
    const names = rowNames(finished);
    return finished.map((runner, i) => ({
      workload: options.workload.name,
      peer: names[i],
      version: runner.version,
      threads: runner.threads,
      ...times(runner.blocks, first.blocks),
      ...built.get(runner.command),
    }));
  } finally {
    bench.stop();
  }
}

/** A worker that says what it lacks. */
type Missing = Extract<Hello, { missing: string }>;

/** How a worker failed. */
interface Failure {
  readonly failure: string;
}

/** Where a peer is there in several versions, the first bears its name and the others theirs too. */
function rowNames(runners: readonly Runner[]): string[] {
  return runners.map(({ command: { peer }, version }, i) => {
    const isFirst = runners.findIndex(({ command }) => command.peer === peer) === i;
    return isFirst ? peer : `${peer} ${version.split("+")[0]}`;
  });
}

/** Blocks that decide between two settings of a peer. */
const TRIALS = 3;

/** The stages of a benchmark, and what they have in common. */
class Bench {
  private readonly options: BenchOptions;
  private readonly commands: readonly WorkerCommand[];
  private readonly workers: WorkerProcess[] = [];
  private readonly turns: number;
  private readonly total: number;
  private done = 0;

  constructor(options: BenchOptions) {
    const { surmise, peers, rounds, workload, builds } = options;
    this.options = options;
    this.commands = [...surmise, ...peers];
    // A worker starts, warms up for a round, and then is timed.
    this.turns = 2 + rounds;
    const built = workload.family.timeBuild === undefined ? 0 : surmise.length * builds;
    this.total = built + this.commands.length * this.turns;
  }

  /** Builds the step in fresh processes, one after the other; by command. */
  async build(): Promise<Map<WorkerCommand, Partial<TimedRow>>> {
    const { workload, surmise, threads, builds } = this.options;
    const built = new Map<WorkerCommand, Partial<TimedRow>>();
    if (workload.family.timeBuild === undefined) return built;
    for (const command of surmise) {
      const rounds: BuildRound[] = [];
      for (let round = 0; round < builds; round++) {
        rounds.push(await timeBuild(command, workload, threads));
        this.count(1);
      }
      built.set(command, buildTimes(rounds));
    }
    return built;
  }

  /** Starts the workers, each after the one before is ready. */
  async start(): Promise<Runner[]> {
    const runners: Runner[] = [];
    const absent: Skipped[] = [];
    for (const command of this.commands) {
      const { peer } = command;
      const runner = await this.startBest(command);
      if ("worker" in runner) runners.push(runner);
      else if ("missing" in runner) absent.push({ peer, message: runner.missing });
      else this.options.onSkip({ peer, message: runner.failure });
      this.count("worker" in runner ? 1 : this.turns);
    }
    // What one interpreter lacks another may have.
    const found = new Set(runners.map(({ command }) => command.peer));
    for (const skipped of absent) if (!found.has(skipped.peer)) this.options.onSkip(skipped);
    return runners;
  }

  /** Times blocks of all in turn, and returns those that came through. */
  async takeTurns(runners: readonly Runner[]): Promise<readonly Runner[]> {
    let running = runners;
    for (let turn = 1; turn < this.turns; turn++) {
      for (const runner of running) {
        const block = await this.runBlock(runner);
        if ("failure" in block) {
          this.options.onSkip({ peer: runner.command.peer, message: block.failure });
          running = running.filter((other) => other !== runner);
          this.count(this.turns - turn);
        } else {
          if (turn > 1) runner.blocks.push(block);
          this.count(1);
        }
      }
    }
    return running;
  }

  stop(): void {
    for (const worker of this.workers) worker.stop();
  }

  /** A worker of the command that is ready, with the number of threads that suits it best. */
  private async startBest(command: WorkerCommand): Promise<Runner | Missing | Failure> {
    const { threads } = this.options;
    const many = await this.startWith(command, threads);
    if (!command.triesOneThread || threads === 1 || !("worker" in many)) return many;
    const one = await this.startWith(command, 1);
    if (!("worker" in one)) return many;
    const fastest = { many: Number.POSITIVE_INFINITY, one: Number.POSITIVE_INFINITY };
    for (let trial = 0; trial < TRIALS; trial++) {
      fastest.many = Math.min(fastest.many, await this.try(many));
      fastest.one = Math.min(fastest.one, await this.try(one));
    }
    const [best, other] = fastest.one < fastest.many ? [one, many] : [many, one];
    other.worker.stop();
    return best;
  }

  private async startWith(
    command: WorkerCommand,
    threads: number,
  ): Promise<Runner | Missing | Failure> {
    const worker = new WorkerProcess(command, this.options.workload, threads);
    this.workers.push(worker);
    const hello = await this.attempt(command, () => worker.hello());
    return "ready" in hello ? { ...hello, command, worker, blocks: [] } : hello;
  }

  /** Milliseconds a step, infinite if it fails. */
  private async try(runner: Runner): Promise<number> {
    const block = await this.runBlock(runner);
    return "failure" in block ? Number.POSITIVE_INFINITY : block.ms;
  }

  private runBlock({ command, worker }: Runner): Promise<Block | Failure> {
    return this.attempt(command, () => worker.run(this.options.seconds));
  }

  /** The answer of a worker, or how it failed; if surmise's first fails there is no benchmark. */
  private async attempt<T>(command: WorkerCommand, ask: () => Promise<T>): Promise<T | Failure> {
    try {
      return await ask();
    } catch (error) {
      if (command === this.commands[0] || !(error instanceof SurmiseError)) throw error;
      return { failure: error.message };
    }
  }

  private count(turns: number): void {
    this.done += turns;
    this.options.onProgress(this.done, this.total);
  }
}

/** How far float32 may lead two libraries apart. */
const TOLERANCE = 1e-3;

function checkAgreement(first: Runner, other: Runner): void {
  for (const [name, expected] of Object.entries(first.check)) {
    const found = other.check[name] ?? Number.NaN;
    if (Math.abs(found - expected) <= TOLERANCE * Math.abs(expected)) continue;
    throw new SurmiseError(
      `${other.command.peer} does other work than surmise: ${name} is ${found} instead of ` +
        `${expected} at the fixed parameters, data and noise; times would mean nothing`,
    );
  }
}
