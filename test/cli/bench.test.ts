import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { peerCommands, surmiseCommand, type WorkerCommand } from "../../src/cli/bench/commands.ts";
import { flop, SIZES } from "../../src/cli/bench/protocol.ts";
import { type BenchResult, runBench, type Skipped } from "../../src/cli/bench/runner.ts";
import { median, summary } from "../../src/cli/bench/statistics.ts";
import { vaeCheck } from "../../src/cli/bench/workloads.ts";
import { benchCommand } from "../../src/cli/bench.ts";

const TINY = { batch: 2, hidden: 5, latents: 3 };
const tinyFlags = ["--batch", "2", "--hidden", "5", "--latents", "3"];
const short = { threads: 1, sizes: TINY, seconds: 0.001, rounds: 2, builds: 1 } as const;
const surmise = surmiseCommand();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "surmise-bench-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** A peer that runs these lines of JavaScript; `say` sends a message, `answer` replies to each. */
function fake(peer: string, lines: string): WorkerCommand {
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
const ready = (peer: string, check: object | undefined, ms = 5) =>
  fake(
    peer,
    `console.log("welcome");
     say(${JSON.stringify({ ready: true, version: "9", threads: 1, check })});
     answer(() => say({ ms: ${ms}, steps: 2 }));`,
  );

async function run(peers: readonly WorkerCommand[], more: object = {}) {
  const seen: Skipped[] = [];
  const progress: [number, number][] = [];
  const result = await runBench({
    ...{ workload: "gemm", surmise, peers, ...short, ...more },
    onSkip: (peer) => seen.push(peer),
    onProgress: (done, total) => progress.push([done, total]),
  });
  expect(seen).toEqual(result.skipped);
  return { ...result, progress };
}

/** What the command prints, standard output and standard error apart. */
async function command(...flags: string[]) {
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

test("the median of blocks, and ratios within their rounds", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(summary([20, 90, 30], [10, 30, 10], 60e6)).toEqual({
    medianMs: 30,
    minMs: 20,
    maxMs: 90,
    ratio: 3,
    gflops: 2,
  });
});

test("counts the operations of all matrix products", () => {
  expect(flop("gemm", SIZES)).toBe(2 * 100 * 784 * 500);
  expect(flop("vae", SIZES)).toBe(410e6);
});

describe("surmise's own worker", () => {
  let result: BenchResult;
  beforeAll(async () => {
    const flags = ["--seconds", "0.01", "--rounds", "2", "--builds", "1", ...tinyFlags];
    const { out } = await command("vae", "--json", ...flags);
    expect(out.match(/\n/g)).toHaveLength(1);
    result = JSON.parse(out);
  });

  test("times the training step in one JSON document", () => {
    const { bench, rows, skipped } = result;
    expect({ bench, skipped }).toEqual({ bench: "vae", skipped: [] });
    expect(rows[0].peer).toBe("surmise-wasm");
    expect(rows.every(({ peer }) => peer.startsWith("surmise-"))).toBe(true);
    const [row] = rows;
    expect(row).toMatchObject({ peer: "surmise-wasm", version: "0.1.0", threads: 1, ratio: 1 });
    expect(row.minMs).toBeGreaterThan(0);
    expect(row.medianMs).toBeGreaterThanOrEqual(row.minMs);
    expect(row.maxMs).toBeGreaterThanOrEqual(row.medianMs);
    expect(row.gflops).toBeCloseTo(flop("vae", TINY) / row.medianMs / 1e6, 10);
  });

  test("times the build by phase", () => {
    const { buildMs, build } = result.rows[0];
    const { trace, compile, firstStep } = build!;
    expect(trace + compile + firstStep).toBeCloseTo(buildMs!, 10);
  });
});

/** By bench/peers/check.py at these sizes, in NumPy and float64. */
const TINY_CHECK = { loss: 544.0469809701788, gradientNorm: 12.110786228652879 };

test("surmise's check is that of NumPy", () => {
  const { loss, gradientNorm } = vaeCheck(TINY);
  expect(loss / TINY_CHECK.loss).toBeCloseTo(1, 6);
  expect(gradientNorm / TINY_CHECK.gradientNorm).toBeCloseTo(1, 6);
});

describe("beside other libraries", () => {
  test("a peer that agrees gets a row, others a message", async () => {
    const { rows, skipped, progress } = await run(
      [
        ready("agrees", TINY_CHECK),
        fake("missing", `say({ missing: "how to install: try harder" });`),
        fake("crashes", `throw new TypeError("no such thing");`),
        fake("strange", `say({ hello: "world" }); answer(() => {});`),
        fake(
          "gives up",
          `say(${JSON.stringify({ ready: true, version: "9", threads: 1, check: TINY_CHECK })});
           answer(() => process.exit(3));`,
        ),
        { peer: "nowhere", command: join(folder, "nowhere"), arguments: [] },
      ],
      { workload: "vae", builds: 0 },
    );
    expect(rows.map(({ peer }) => peer)).toEqual(["surmise-wasm", "agrees"]);
    expect(rows[1]).toMatchObject({ version: "9", threads: 1, medianMs: 5, minMs: 5, maxMs: 5 });
    expect(rows[1].ratio).toBeGreaterThan(0);
    expect(rows[1]).not.toHaveProperty("buildMs");
    expect(Object.fromEntries(skipped.map(({ peer, message }) => [peer, message]))).toEqual({
      missing: "how to install: try harder",
      crashes: "crashes ended with code 1: TypeError: no such thing",
      strange: 'strange does not keep to the protocol: {"hello":"world"}',
      "gives up": "gives up ended with code 3",
      nowhere: expect.stringContaining("nowhere could not be started: spawn"),
    });
    expect(progress.at(-1)).toEqual([28, 28]);
  });

  test("no speeds where a check disagrees, or is not given", async () => {
    const wrong = ready("wrong", { ...TINY_CHECK, gradientNorm: TINY_CHECK.gradientNorm * 1.01 });
    await expect(run([wrong], { workload: "vae", builds: 0 })).rejects.toThrow(
      /^wrong does other work than surmise: gradientNorm is /,
    );
    await expect(run([ready("silent", undefined)], { workload: "vae", builds: 0 })).rejects.toThrow(
      /^silent does other work than surmise: loss is NaN/,
    );
  });

  test("a product of matrices needs no check", async () => {
    const { rows } = await run([ready("silent", undefined)]);
    expect(rows.map(({ peer }) => peer)).toEqual(["surmise-wasm", "silent"]);
  });

  test("surmise's own failure is an error", async () => {
    const broken = fake("surmise-wasm", `throw new Error("broken");`);
    await expect(run([], { surmise: broken })).rejects.toThrow("surmise-wasm ended with code 1");
  });

  test("each library as documented and, for a training step, as fast as we know how", () => {
    const rows = (commands: readonly WorkerCommand[] = []) => commands.map(({ peer }) => peer);
    expect(rows(peerCommands("vae", folder))).toEqual([
      "jax-js-wasm",
      "jax-js-wasm-tuned",
      "tfjs-wasm",
      "tfjs-wasm-tuned",
      "torch",
    ]);
    expect(rows(peerCommands("gemm", folder))).toEqual(["jax-js-wasm", "tfjs-wasm", "torch"]);
    expect(peerCommands("gemm", join(folder, "nowhere"))).toBeUndefined();
  });
});

describe("the command", () => {
  test("prints a table, of WebAssembly whatever else is chosen", async () => {
    vi.stubEnv("SURMISE_BACKEND", "none");
    const flags = ["gemm", "--seconds", "0.001", "--rounds", "1", ...tinyFlags];
    const { out } = await command(...flags);
    expect(out).toMatch(/^gemm: .*\n\npeer +version +threads +ms +fastest +slowest +ratio/);
    expect(out).toMatch(/\nsurmise-wasm +0\.1\.0 +1 /);
  });

  test("refuses what it cannot do", async () => {
    await expect(command("vae", "--threads", "2")).rejects.toThrow(
      "--threads 2: surmise runs on one thread so far; use --threads 1",
    );
    await expect(command("lstm")).rejects.toThrow("use vae or gemm.");
    await expect(command("vae", "--rounds", "0")).rejects.toThrow("a whole number from 1");
    await expect(command("vae", "--seconds", "-1")).rejects.toThrow("a number above 0");
  });
});
