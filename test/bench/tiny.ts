/** Workloads of tiny sizes, peers that are made up, and the command of the benchmark. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, vi } from "vitest";
import { benchCommand } from "../../bench/src/command.ts";
import type { WorkerCommand } from "../../bench/src/commands.ts";
import { type BenchOptions, runBench, type Skipped } from "../../bench/src/runner.ts";
import { type Workload, workloads } from "../../bench/src/workloads/index.ts";

export const TINY = { batch: 2, hidden: 5, latents: 3 };
export const tinyFlags = ["--size", "batch=2", "--size", "hidden=5", "--size", "latents=3"];
export const short = { threads: 1, seconds: 0.001, rounds: 2, builds: 1 } as const;

export const named = (name: string, sizes: object = {}): Workload => {
  const [workload] = workloads(name);
  return { ...workload, sizes: { ...workload.sizes, ...sizes } };
};

export const tinyVae = named("vae", TINY);

/** The operations of a step of an importance-weighted autoencoder by each gradient, which are the same. */
export const gradients = (family: string, millions: number) =>
  Object.fromEntries(
    ["total", "path", "pathBlocked", "doublyReparameterised"].map((gradient) => [
      `${family} ${gradient}`,
      millions,
    ]),
  );

export const tinyGemm = named("gemm 20x784x200", { m: 3, k: 5, n: 4 });
/** Of the made-up peers; there while tests run. */
export let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "surmise-bench-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** A peer that runs these lines of JavaScript; `say` sends a message, `answer` replies to each. */
export function fake(peer: string, lines: string): WorkerCommand {
  const file = join(folder, `${peer}.mjs`);
  const helpers = `
    import { createInterface } from "node:readline";
    const say = (message) => console.log(JSON.stringify(message));
    const answer = (reply) => createInterface({ input: process.stdin }).on("line", reply);
  `;
  writeFileSync(file, helpers + lines);
  return { peer, command: process.execPath, arguments: [file] };
}

/** A peer that is ready with this check and takes `ms` a step. */
export const ready = (peer: string, check: object, ms = 5, more: object = {}) =>
  fake(
    peer,
    `console.log("welcome");
     say(${JSON.stringify({ ready: true, version: "9", threads: 1, check, ...more })});
     answer(() => say({ ms: ${ms}, steps: 2, peakMB: 7 }));`,
  );

export const GEMM_CHECK = { sum: 18.265633940696716, norm: 6.031586266761827 };

/** What is timed beside `surmise`, which unless given is a fake. */
export async function run(peers: readonly WorkerCommand[], more: Partial<BenchOptions> = {}) {
  const surmise = [ready("surmise-wasm", GEMM_CHECK, 4)];
  const skipped: Skipped[] = [];
  const progress: [number, number][] = [];
  const rows = await runBench({
    ...{ workload: tinyGemm, surmise, peers, ...short, ...more },
    onSkip: (peer) => skipped.push(peer),
    onProgress: (done, total) => progress.push([done, total]),
  });
  return { rows, skipped, progress };
}

/** What the command prints, standard output and standard error apart. */
export async function command(...flags: string[]) {
  const text = { out: "", err: "" };
  vi.spyOn(process.stdout, "write").mockImplementation((part) => {
    text.out += part;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((part) => {
    text.err += part;
    return true;
  });
  await benchCommand().exitOverride().parseAsync(flags, { from: "user" });
  return text;
}

/** By PyTorch 1.13, as bench/peers/torch_*.py, and JAX; the first by bench/peers/check.py, in float64. */
export const TINY_CHECKS = [
  ["vae", TINY, { loss: 544.0469809701788, gradientNorm: 12.110786228652879 }],
  [
    "iwae-1 k=1",
    { batch: 2, hidden: 6, latents: 3, k: 4 },
    { loss: 543.6258544921875, gradientNorm: 11.776209597584007 },
  ],
  [
    "iwae-2 k=1",
    { batch: 2, hidden: 6, latents: 3, k: 4 },
    { loss: 543.600341796875, gradientNorm: 11.905719970633514 },
  ],
  [
    "vcd",
    { batch: 4, hidden: 6, latents: 3 },
    { loss: 544.0541381835938, gradientNorm: 10.299730739532217 },
  ],
  ["hmc-1d", {}, { position: 0.46114522218704224, mean: 0.6412420219182968, moved: 37 }],
  [
    "mp K=3",
    { users: 7, films: 3, genres: 4 },
    { loss: 17.037353515625, gradientNorm: 3.7896106667805043 },
  ],
  ["gemm 20x784x200", { m: 3, k: 5, n: 4 }, GEMM_CHECK],
  ["elementwise", { n: 10 }, { loss: 14.1189521484713, gradientNorm: 2.212242870149384 }],
  [
    "convolution 3x3",
    { batch: 2, channels: 8 },
    { loss: 0.939913809299469, gradientNorm: 0.4721692178464366 },
  ],
  // In Python, in float64.
  [
    "cholesky 20",
    { n: 5, batch: 2 },
    { logDeterminant: 3.770395411618808, norm: 4.743416490252569 },
  ],
  ["solve 20", { n: 5, batch: 2 }, { loss: 4.654630827276974, gradientNorm: 0.8478790242405967 }],
  ["process 50", { n: 6 }, { loss: 3.2503315467064313, gradientNorm: 7.2432096099416805 }],
  // By stanli.
  [
    "equation-lotka-volterra",
    { times: 5 },
    { loss: 86.49207731134852, gradientNorm: 173.36164111772672 },
  ],
  [
    "equation-michaelis-menten",
    { times: 5 },
    { loss: 13.036840598244645, gradientNorm: 36.232245134139156 },
  ],
  ["call", {}, { loss: 4.740022927454787, gradientNorm: 2.26176871335162 }],
  ["density-schools", {}, { loss: 44.64287244228634, gradientNorm: 2.3003795 }],
  [
    "density-logistic",
    { rows: 7, features: 3 },
    { loss: 12.586978694127945, gradientNorm: 1.9800799 },
  ],
] as const;
