/** `npm run bench`: how fast training steps and their parts are, beside other libraries. */
import { availableParallelism, loadavg } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { type ProgressBar, progressBar } from "../../src/cli/terminal/progress.ts";
import { nativeSupport } from "../../src/runtime/index.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { type Ceilings, ceilingsGauge } from "./ceilings.ts";
import { earlierCommand, surmiseCommand } from "./commands.ts";
import { peerCommands } from "./peers.ts";
import { runBench, type Skipped } from "./runner.ts";
import { type Rates, rates, type TimedRow } from "./statistics.ts";
import { describe } from "./table.ts";
import { type Workload, workloads } from "./workloads/index.ts";

interface Options {
  readonly peers?: true | string;
  readonly against?: string;
  readonly json?: boolean;
  readonly threads: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly builds: number;
  readonly size: Readonly<Record<string, number>>;
}

/** The command. */
export function benchCommand(): Command {
  const threads = Math.min(2, availableParallelism());
  return new Command("bench")
    .description("time training steps and their parts, alone or beside other libraries")
    .argument("[name]", 'a workload, such as "iwae-1 k=50", or a family of them; all unless given')
    .option(
      "--peers [all]",
      "beside the other libraries that are installed; all: the slow ones too",
    )
    .option("--against <folder>", "beside another checkout of surmise, such as an earlier commit")
    .option("--threads <n>", "threads of each", wholeNumber(1), threads)
    .option("--seconds <s>", "length of a block; the libraries take turns", positive, 0.4)
    .option("--rounds <n>", "blocks of each library", wholeNumber(1), 12)
    .option("--builds <n>", "times that the build of a step is timed", wholeNumber(0), 5)
    .option("--size <name=n>", "another size of the workload, such as batch=20", readSize, {})
    .option("--json", "print the result as JSON")
    .action(async (name: string | undefined, options: Options) => {
      const { peers, json, threads, size } = options;
      // "--peers vae" means the workload, not a choice of peers.
      const isName = typeof peers === "string" && peers !== "all";
      const chosen = resized(workloads(isName ? peers : name), size);
      sayIfBusy();
      const gauge = ceilingsGauge(threads, (why) =>
        say(`without the share of the machine's peak: ${why}`),
      );
      const timed: { readonly workload: Workload; readonly rows: readonly TimedRow[] }[] = [];
      const skipped: (Skipped & { readonly workload: string })[] = [];
      let ceilings = gauge.measure();
      try {
        for (const workload of chosen) {
          const { rows, without } = await bench(workload, options);
          ceilings = gauge.measure();
          timed.push({ workload, rows });
          skipped.push(...without.map((peer) => ({ workload: workload.name, ...peer })));
          if (!json)
            process.stdout.write(`${describe(workload, rated(workload, rows, ceilings))}\n`);
        }
      } finally {
        gauge.close();
      }
      if (!json) return;
      const document = {
        fmaPeakGflops: ceilings?.gflops ?? null,
        memoryGBps: ceilings?.gbps ?? null,
        rows: timed.flatMap(({ workload, rows }) => rated(workload, rows, ceilings)),
        skipped,
      };
      process.stdout.write(`${JSON.stringify(document)}\n`);
    });
}

const say = (text: string) => process.stderr.write(`${text}\n`);

/** Times beside other work mean little, those of libraries whose threads wait by spinning least. */
function sayIfBusy(): void {
  const [load] = loadavg();
  if (load < 0.5) return;
  say(`this machine does other work (load ${load.toFixed(1)}): the times will say little`);
}

function rated(
  workload: Workload,
  rows: readonly TimedRow[],
  ceilings: Ceilings | undefined,
): (TimedRow & Rates)[] {
  return rows.map((row) => ({ ...row, ...rates(workload, row.medianMs, ceilings) }));
}

async function bench(workload: Workload, options: Options) {
  const { peers: wanted, against, threads, seconds, rounds, builds } = options;
  const peers = wanted ? peerCommands(workload, wanted === "all") : [];
  const { missing } = nativeSupport();
  if (missing !== undefined) say(`without surmise-c: ${missing}`);
  const native = missing === undefined ? [surmiseCommand("c")] : [];
  const backends = missing === undefined ? (["c", "wasm"] as const) : (["wasm"] as const);
  const earlier = against === undefined ? [] : backends.map((b) => earlierCommand(against, b));
  const without: Skipped[] = [];
  let bar: ProgressBar | undefined;
  try {
    const rows = await runBench({
      workload,
      surmise: [...native, surmiseCommand("wasm")],
      peers: [...earlier, ...peers],
      threads,
      seconds,
      rounds,
      builds,
      onSkip: (peer) => without.push(peer),
      onProgress: (done, total) => {
        bar ??= progressBar({ label: `bench ${workload.name}`, total });
        bar.update(done);
      },
    });
    return { rows, without };
  } finally {
    bar?.stop();
    for (const { peer, message } of without) say(`without ${peer}: ${message}`);
  }
}

/**
 * The workloads at other sizes, each of those that it has.
 *
 * @throws SurmiseError if none of them has a size of that name.
 */
function resized(chosen: readonly Workload[], sizes: Options["size"]): readonly Workload[] {
  for (const name of Object.keys(sizes)) {
    if (chosen.some((workload) => Object.hasOwn(workload.sizes, name))) continue;
    const [first] = chosen;
    const known = Object.keys(first.sizes).join(", ") || "none";
    throw new SurmiseError(
      `no workload has a size "${name}"; those of "${first.name}" are ${known}`,
    );
  }
  return chosen.map((workload) => {
    const own = Object.entries(sizes).filter(([name]) => Object.hasOwn(workload.sizes, name));
    return { ...workload, sizes: { ...workload.sizes, ...Object.fromEntries(own) } };
  });
}

function readSize(text: string, earlier: Options["size"]): Options["size"] {
  const [name, value] = text.split("=");
  return { ...earlier, [name]: wholeNumber(1)(value) };
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
