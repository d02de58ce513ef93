/**
 * Times several workers side by side: all are started and warmed up, then they take turns, one
 * block each, so that whatever else the machine does meets all of them.
 */
import { SurmiseError } from "../../tensor/index.ts";
import { type WorkerCommand, workerArguments } from "./commands.ts";
import { WorkerProcess } from "./process.ts";
import { type Build, build, type Check, flop, type Sizes, type Workload } from "./protocol.ts";
import { median, type Row, summary } from "./statistics.ts";

export interface BenchOptions {
  readonly workload: Workload;
  /** surmise's own worker: the others must agree with it, and their times are told by its. */
  readonly surmise: WorkerCommand;
  readonly peers: readonly WorkerCommand[];
  readonly threads: number;
  readonly sizes: Sizes;
  /** Of one block. */
  readonly seconds: number;
  /** Blocks of each worker that count. */
  readonly rounds: number;
  /** Fresh processes that time the build of the training step. */
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

export interface BenchResult {
  readonly bench: Workload;
  readonly rows: readonly Row[];
  readonly skipped: readonly Skipped[];
}

/** A worker that is ready, and the times of its blocks. */
interface Runner {
  readonly worker: WorkerProcess;
  readonly version: string;
  readonly threads: number;
  readonly check: Check | undefined;
  readonly blocks: number[];
}

/**
 * Runs a benchmark.
 *
 * @throws SurmiseError if surmise's worker fails, or a peer computes something else than surmise.
 */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const { workload, sizes } = options;
  const bench = new Bench(options);
  try {
    const built = await bench.build();
    const runners = await bench.start();
    const [surmise, ...peers] = runners;
    for (const peer of peers) checkAgreement(surmise, peer);
    const finished = await bench.takeTurns(runners);
    const rows = finished.map((runner): Row => {
      const { version, threads, blocks } = runner;
      const row = { peer: runner.worker.peer, version, threads };
      const times = summary(blocks, surmise.blocks, flop(workload, sizes));
      return { ...row, ...times, ...(runner === surmise && buildTimes(built)) };
    });
    return { bench: workload, rows, skipped: bench.skipped };
  } finally {
    bench.stop();
  }
}

/** The stages of a benchmark, and what they have in common. */
class Bench {
  readonly skipped: Skipped[] = [];
  private readonly options: BenchOptions;
  private readonly workers: WorkerProcess[] = [];
  private readonly builds: number;
  private readonly turns: number;
  private done = 0;

  constructor(options: BenchOptions) {
    this.options = options;
    this.builds = options.workload === "vae" ? options.builds : 0;
    // A worker starts, warms up for a round, and then is timed.
    this.turns = 2 + options.rounds;
  }

  /** Builds the training step in fresh processes, one after the other. */
  async build(): Promise<Build[]> {
    const built: Build[] = [];
    for (let i = 0; i < this.builds; i++) {
      const worker = this.spawn(this.options.surmise, "--build");
      built.push(await worker.receive(build));
      this.count(1);
    }
    return built;
  }

  /** Starts the workers, each after the one before is ready. */
  async start(): Promise<Runner[]> {
    const runners: Runner[] = [];
    for (const command of [this.options.surmise, ...this.options.peers]) {
      const worker = this.spawn(command);
      const hello = await this.attempt(worker, () => worker.hello());
      if ("missing" in hello) {
        this.skip(worker, hello.missing, this.turns);
      } else {
        const { version, threads, check } = hello;
        runners.push({ worker, version, threads, check, blocks: [] });
        this.count(1);
      }
    }
    return runners;
  }

  /** Times blocks of all in turn, and returns those that came through. */
  async takeTurns(runners: readonly Runner[]): Promise<readonly Runner[]> {
    let running = runners;
    for (let turn = 1; turn < this.turns; turn++) {
      for (const runner of running) {
        const { worker, blocks } = runner;
        const block = await this.attempt(worker, () => worker.run(this.options.seconds));
        if ("missing" in block) {
          this.skip(worker, block.missing, this.turns - turn);
          running = running.filter((other) => other !== runner);
        } else {
          if (turn > 1) blocks.push(block.ms);
          this.count(1);
        }
      }
    }
    return running;
  }

  stop(): void {
    for (const worker of this.workers) worker.stop();
  }

  private spawn(command: WorkerCommand, ...more: string[]): WorkerProcess {
    const { workload, threads, sizes } = this.options;
    const given = workerArguments(workload, threads, sizes);
    const worker = new WorkerProcess(command, [...given, ...more]);
    this.workers.push(worker);
    return worker;
  }

  /** The answer of a worker; if a peer fails, its failure is something that is missing. */
  private async attempt<T>(
    worker: WorkerProcess,
    ask: () => Promise<T>,
  ): Promise<T | { missing: string }> {
    try {
      return await ask();
    } catch (error) {
      const needed = worker.peer === this.options.surmise.peer;
      if (needed || !(error instanceof SurmiseError)) throw error;
      return { missing: error.message };
    }
  }

  private skip({ peer }: WorkerProcess, message: string, turns: number): void {
    this.skipped.push({ peer, message });
    this.options.onSkip({ peer, message });
    this.count(turns);
  }

  private count(turns: number): void {
    this.done += turns;
    const workers = 1 + this.options.peers.length;
    this.options.onProgress(this.done, this.builds + workers * this.turns);
  }
}

/** How far float32 may lead two libraries apart. */
const TOLERANCE = 1e-3;

function checkAgreement(surmise: Runner, peer: Runner): void {
  if (surmise.check === undefined) return;
  for (const [name, expected] of Object.entries(surmise.check)) {
    const found = peer.check?.[name as keyof Check] ?? Number.NaN;
    if (Math.abs(found / expected - 1) < TOLERANCE) continue;
    throw new SurmiseError(
      `${peer.worker.peer} does other work than surmise: ${name} is ${found} instead of ` +
        `${expected} at the fixed parameters, images and noise; times would mean nothing`,
    );
  }
}

function buildTimes(built: readonly Build[]): Pick<Row, "buildMs" | "build"> {
  if (built.length === 0) return {};
  const phase = (name: keyof Build) => median(built.map((times) => times[name]));
  const totals = built.map(({ trace, compile, firstStep }) => trace + compile + firstStep);
  return {
    buildMs: median(totals),
    build: { trace: phase("trace"), compile: phase("compile"), firstStep: phase("firstStep") },
  };
}
