/** `surmise bench`: how fast a training step is, beside other libraries. */
import { Command, InvalidArgumentError } from "commander";
import { nativeSupport } from "../runtime/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { peerCommands, surmiseCommand } from "./bench/commands.ts";
import { SIZES, type Sizes, WORKLOADS, type Workload } from "./bench/protocol.ts";
import { type BenchResult, runBench, type Skipped } from "./bench/runner.ts";
import type { Row } from "./bench/statistics.ts";
import { type ProgressBar, progressBar } from "./terminal/progress.ts";
import { printTable } from "./terminal/table.ts";
import { shortNumber } from "./terminal/text.ts";

interface Options extends Sizes {
  readonly peers?: boolean;
  readonly json?: boolean;
  readonly threads: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly builds: number;
}

/** The command. */
export function benchCommand(): Command {
  return new Command("bench")
    .description("time a training step and a matrix product, alone or beside other libraries")
    .argument("[name]", `${WORKLOADS.join(" or ")}; all unless given`, readWorkload)
    .option("--peers", "beside TensorFlow.js, jax-js and PyTorch, where they are installed")
    .option("--threads <n>", "threads of each", wholeNumber(1), 1)
    .option("--seconds <s>", "length of a block; the libraries take turns", positive, 0.4)
    .option("--rounds <n>", "blocks of each library", wholeNumber(1), 12)
    .option("--builds <n>", "fresh processes that time the build of the step", wholeNumber(0), 5)
    .option("--batch <n>", "images in a batch", wholeNumber(1), SIZES.batch)
    .option("--hidden <n>", "hidden units of each network", wholeNumber(1), SIZES.hidden)
    .option("--latents <n>", "elements of a code", wholeNumber(1), SIZES.latents)
    .option("--json", "print the result as JSON")
    .action(async (name: Workload | undefined, options: Options) => {
      if (options.threads !== 1) {
        throw new SurmiseError(
          `--threads ${options.threads}: surmise runs on one thread so far; use --threads 1`,
        );
      }
      const results: BenchResult[] = [];
      for (const workload of name === undefined ? WORKLOADS : [name]) {
        const result = await bench(workload, options);
        if (!options.json) process.stdout.write(`${describe(result)}\n`);
        results.push(result);
      }
      if (options.json) {
        process.stdout.write(`${JSON.stringify(name === undefined ? results : results[0])}\n`);
      }
    });
}

async function bench(workload: Workload, options: Options): Promise<BenchResult> {
  const { peers: wanted, threads, seconds, rounds, builds, batch, hidden, latents } = options;
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const peers = wanted ? peerCommands(workload) : [];
  const { missing } = nativeSupport();
  if (missing !== undefined) say(`without surmise-c: ${missing}`);
  const native = missing === undefined ? [surmiseCommand("c")] : [];
  if (peers === undefined) {
    say("no peers: their folder bench/ is part of the repository, not of the package");
  }
  const skipped: Skipped[] = [];
  let bar: ProgressBar | undefined;
  try {
    return await runBench({
      workload,
      surmise: surmiseCommand(),
      peers: [...native, ...(peers ?? [])],
      threads,
      sizes: { batch, hidden, latents },
      seconds,
      rounds,
      builds,
      onSkip: (peer) => skipped.push(peer),
      onProgress: (done, total) => {
        bar ??= progressBar({ label: `bench ${workload}`, total });
        bar.update(done);
      },
    });
  } finally {
    bar?.stop();
    for (const { peer, message } of skipped) say(`without ${peer}: ${message}`);
  }
}

/** A table, and what its numbers mean. */
function describe({ bench, rows }: BenchResult): string {
  const columns = ["peer", "version", "threads", "ms", "fastest", "slowest", "ratio", "GFLOP/s"];
  const cells = ({ peer, version, threads, medianMs, minMs, maxMs, ratio, gflops }: Row) => [
    ...[peer, version, threads],
    ...[medianMs, minMs, maxMs, ratio, gflops].map((value) => shortNumber(value, 3)),
  ];
  const { buildMs, build } = rows[0];
  const round = (ms: number) => `${shortNumber(ms, 3)} ms`;
  const lines = [
    `${bench}: milliseconds a step, the median of the blocks; ratio: to surmise in the same rounds`,
    "",
    printTable(columns, rows.map(cells)),
    "",
  ];
  if (buildMs !== undefined && build !== undefined) {
    const { trace, compile, firstStep } = build;
    lines.push(
      `build, from nothing to the first result: ${round(buildMs)} (trace ${round(trace)}, ` +
        `compile ${round(compile)}, first step ${round(firstStep)})`,
      "",
    );
  }
  return lines.join("\n");
}

function readWorkload(text: string): Workload {
  const found = WORKLOADS.find((workload) => workload === text);
  if (found === undefined) throw new InvalidArgumentError(`use ${WORKLOADS.join(" or ")}.`);
  return found;
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`a whole number from ${least} is needed.`);
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("a number above 0 is needed.");
}
