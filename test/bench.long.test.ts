import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ceilingsGauge } from "../bench/src/ceilings.ts";
import { benchCommand } from "../bench/src/command.ts";
import { surmiseCommand, type WorkerCommand } from "../bench/src/commands.ts";
import { peerCommands } from "../bench/src/peers.ts";
import { judged } from "../bench/src/race.ts";
import { type BenchOptions, runBench, type Skipped } from "../bench/src/runner.ts";
import { buildTimes, rates, times } from "../bench/src/statistics.ts";
import { FAMILIES, type Workload, workloads } from "../bench/src/workloads/index.ts";
import { median } from "../src/runs/index.ts";

const TINY = { batch: 2, hidden: 5, latents: 3 };
const tinyFlags = ["--size", "batch=2", "--size", "hidden=5", "--size", "latents=3"];
const short = { threads: 1, seconds: 0.001, rounds: 2, builds: 1 } as const;
const named = (name: string, sizes: object = {}): Workload => {
  const [workload] = workloads(name);
  return { ...workload, sizes: { ...workload.sizes, ...sizes } };
};
const tinyVae = named("vae", TINY);
/** The operations of a step of an importance-weighted autoencoder by each gradient, which are the same. */
const gradients = (family: string, millions: number) =>
  Object.fromEntries(
    ["total", "path", "pathBlocked", "doublyReparameterised"].map((gradient) => [
      `${family} ${gradient}`,
      millions,
    ]),
  );
const tinyGemm = named("gemm 20x784x200", { m: 3, k: 5, n: 4 });
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
const ready = (peer: string, check: object, ms = 5, more: object = {}) =>
  fake(
    peer,
    `console.log("welcome");
     say(${JSON.stringify({ ready: true, version: "9", threads: 1, check, ...more })});
     answer(() => say({ ms: ${ms}, steps: 2, peakMB: 7 }));`,
  );

const GEMM_CHECK = { sum: 18.265633940696716, norm: 6.031586266761827 };

/** What is timed beside `surmise`, which unless given is a fake. */
async function run(peers: readonly WorkerCommand[], more: Partial<BenchOptions> = {}) {
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
  const blocks = (peakMB: number | undefined, ...ms: readonly number[]) =>
    ms.map((m) => ({ ms: m, steps: 1, ...(peakMB && { peakMB }) }));
  expect(times(blocks(12, 20, 90, 30), blocks(undefined, 10, 30, 10))).toEqual({
    ...{ medianMs: 30, minMs: 20, maxMs: 90, ratio: 3, peakMB: 12 },
  });
  expect(times(blocks(undefined, 1), blocks(undefined, 1)).peakMB).toBeNull();
});

test("the medians of builds, with an empty cache and after", () => {
  const build = (trace: number, compile: number) => ({ trace, compile, firstStep: 1 });
  const rounds = [
    { cold: build(1, 900), warm: build(2, 20) },
    { cold: build(3, 700), warm: build(4, 10) },
    { cold: build(2, 800), warm: build(1, 30) },
  ];
  expect(buildTimes(rounds)).toEqual({
    ...{ coldBuildMs: 803, buildMs: 23, build: { trace: 2, compile: 20, firstStep: 1 } },
  });
  expect(buildTimes([])).toEqual({});
});

test("counts the operations of all matrix products, in millions", () => {
  const flop = Object.fromEntries(
    workloads().map(({ name, sizes, family }) => [name, (family.flop?.(sizes) ?? 0) / 1e6]),
  );
  expect(flop).toEqual({
    ...{ vae: 410, "vae-200": 572 },
    ...{ "iwae-1 k=1": 44.56, "iwae-1 k=5": 143.824, "iwae-1 k=50": 1260.544 },
    ...{ "iwae-2 k=1": 55.96, "iwae-2 k=5": 191.224, "iwae-2 k=50": 1712.944 },
    ...{ vcd: 3634.56, "hmc-1d": 0, "mp K=3": 0, "mp K=10": 0, "mp K=30": 0, elementwise: 0 },
    ...{ "normals 100x20": 0, "normals 1000x1000": 0 },
    ...{ call: 0, "density-schools": 0, "density-logistic": 0 },
    ...{ "nuts-schools": 0, "nuts-logistic": 0 },
    ...{ "effective-schools": 0, "effective-logistic": 0 },
    ...{ "effective-hierarchical": 0, "effective-process": 0, "chains 1000": 0 },
    ...{ "first-draws-schools": 0, "first-draws-logistic": 0 },
    ...{
      "large 10000x50": 0,
      "large 100000x50": 0,
      "large 1000 groups": 0,
      "large 10000 groups": 0,
    },
    ...{ "cholesky 20": 0, "cholesky 200": 0, "cholesky 1000": 0, "cholesky 8x1000": 0 },
    ...{ "solve 20": 0, "solve 200": 0, "solve 1000": 0, "solve 8x1000": 0 },
    ...{ "process 50": 0, "process 200": 0, "process 1000": 0 },
    ...{ "convolution 3x3": 2803.433472, "convolution 5x5": 7787.3152 },
    ...{ "equation-lotka-volterra": 0, "equation-michaelis-menten": 0 },
    ...gradients("gradients-1", 143.824),
    ...gradients("gradients-2", 191.224),
    nll: 16544,
    ...{ "gemm 100x784x500": 78.4, "gemm 20x784x200": 6.272, "gemm 1000x200x784": 313.6 },
  });
});

test("rates, and the share of what the machine can do", () => {
  expect(rates(named("gemm 100x784x500"), 2, { gflops: 98, gbps: 10 })).toEqual({
    ...{ gflops: 39.2, peakShare: 0.4, gbps: null, bandwidthShare: null },
  });
  expect(rates(named("elementwise", { n: 1e6 }), 3, { gflops: 98, gbps: 16 })).toEqual({
    ...{ gflops: null, peakShare: null, gbps: 4, bandwidthShare: 0.25 },
  });
  expect(rates(named("vae"), 10, undefined)).toEqual({
    ...{ gflops: 41, peakShare: null, gbps: null, bandwidthShare: null },
  });
});

test("measures the machine, or says why not", () => {
  const messages: string[] = [];
  vi.stubEnv("CC", join(folder, "no-compiler"));
  const none = ceilingsGauge(1, (why) => messages.push(why));
  expect(none.measure()).toBeUndefined();
  none.close();
  expect(messages).toEqual([`no C compiler works (${join(folder, "no-compiler")})`]);
});

describe("workloads by name", () => {
  const names = (name?: string) => workloads(name).map((workload) => workload.name);

  test("one, a family, or all", () => {
    expect(names("vae")).toEqual(["vae"]);
    expect(names("mp")).toEqual(["mp K=3", "mp K=10", "mp K=30"]);
    expect(names("iwae-1 k=50")).toEqual(["iwae-1 k=50"]);
    expect(names("nuts").slice(0, 4)).toEqual([
      ...["density-schools", "density-logistic", "nuts-schools", "nuts-logistic"],
    ]);
    expect(names("nuts")).toHaveLength(15);
    expect(names("chains")).toEqual(["chains 1000"]);
    expect(names()).toHaveLength(59);
    expect(new Set(names()).size).toBe(59);
    expect(() => names("lstm")).toThrow(
      'there is no workload "lstm": use one of "vae", "vae-200",',
    );
  });
});

/** By PyTorch 1.13, as bench/peers/torch_*.py, and JAX; the first by bench/peers/check.py, in float64. */
const TINY_CHECKS = [
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

test.each(TINY_CHECKS)("surmise's check of %s is that of others", (name, sizes, expected) => {
  const { family, sizes: all } = named(name, sizes);
  const found = family.check(all);
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [key, value] of Object.entries(expected)) {
    expect(found[key] / value, key).toBeCloseTo(1, 4);
  }
});

test("what is timed of vcd is a training step, whose options its target has", () => {
  const { family, sizes } = named("vcd", { batch: 4, hidden: 6, latents: 3 });
  const program = family.program(sizes);
  program.step(1);
  expect(program.read("#step").data[0]).toBe(1);
});

test("surmise's check of vae at its own size is that of NumPy", () => {
  const file = new URL("../bench/peers/check.json", import.meta.url);
  const { loss, gradientNorm } = JSON.parse(readFileSync(file, "utf8"));
  const { family, sizes } = named("vae");
  const found = family.check(sizes);
  expect(found.loss / loss).toBeCloseTo(1, 6);
  expect(found.gradientNorm / gradientNorm).toBeCloseTo(1, 6);
});

describe("surmise's own workers", () => {
  let result: { rows: Record<string, unknown>[]; [name: string]: unknown };
  beforeAll(async () => {
    const flags = ["--seconds", "0.01", "--rounds", "2", "--builds", "1", ...tinyFlags];
    const { out } = await command("vae", "--json", ...flags);
    expect(out.match(/\n/g)).toHaveLength(1);
    result = JSON.parse(out);
  });

  test("time the training step in one JSON document", () => {
    const { fmaPeakGflops, memoryGBps, rows, skipped } = result;
    expect(skipped).toEqual([]);
    expect(rows.at(-1)?.peer).toBe("surmise-wasm");
    expect(rows[0].ratio).toBe(1);
    for (const row of rows) {
      expect(row).toMatchObject({ workload: "vae", version: "0.1.0" });
      expect(row.minMs).toBeGreaterThan(0);
      expect(row.medianMs).toBeGreaterThanOrEqual(row.minMs as number);
      expect(row.maxMs).toBeGreaterThanOrEqual(row.medianMs as number);
      const gflops = tinyVae.family.flop!(TINY) / (row.medianMs as number) / 1e6;
      expect(row.gflops).toBeCloseTo(gflops, 10);
      const share = fmaPeakGflops === null ? null : gflops / (fmaPeakGflops as number);
      expect(row.peakShare).toEqual(share === null ? null : expect.closeTo(share, 10));
    }
    expect(fmaPeakGflops === null).toBe(memoryGBps === null);
  });

  test("time the build by phase, and with an empty cache", () => {
    for (const { buildMs, build, coldBuildMs } of result.rows) {
      const { trace, compile, firstStep } = build as Record<string, number>;
      expect(trace + compile + firstStep).toBeCloseTo(buildMs as number, 10);
      expect(coldBuildMs).toBeGreaterThan(0);
    }
  });
});

const [, , TINY_CHECK] = TINY_CHECKS[0];

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
      { workload: tinyVae, surmise: [surmiseCommand("wasm")], builds: 0 },
    );
    expect(rows.map(({ peer }) => peer)).toEqual(["surmise-wasm", "agrees"]);
    expect(rows[1]).toMatchObject({ version: "9", threads: 1, medianMs: 5, minMs: 5, maxMs: 5 });
    expect(rows[1]).toMatchObject({ workload: "vae", peakMB: 7 });
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
    const wrong = ready("wrong", { ...GEMM_CHECK, norm: GEMM_CHECK.norm * 1.01 });
    await expect(run([wrong])).rejects.toThrow(
      /^wrong does other work than surmise: norm is 6\.09\d+ instead of 6\.03/,
    );
    await expect(run([ready("silent", {})])).rejects.toThrow(
      /^silent does other work than surmise: sum is NaN/,
    );
  });

  test("a peer that may have one thread gets the faster of both settings", async () => {
    const byThreads = (peer: string, one: number, many: number) => ({
      ...fake(
        peer,
        `const threads = Number(process.argv[process.argv.indexOf("--threads") + 1]);
         say({ ready: true, version: process.env.OMP_NUM_THREADS, threads, check: ${JSON.stringify(GEMM_CHECK)} });
         answer(() => say({ ms: threads === 1 ? ${one} : ${many}, steps: 2 }));`,
      ),
      triesOneThread: true,
    });
    const { rows } = await run(
      [byThreads("alone", 3, 4), byThreads("together", 4, 3), byThreads("even", 3, 3)],
      { threads: 2 },
    );
    expect(rows.slice(1).map(({ peer, threads, version }) => [peer, threads, version])).toEqual([
      ["alone", 1, "1"],
      ["together", 2, "2"],
      ["even", 2, "2"],
    ]);
  });

  test("several versions of a peer, of which the first bears its name alone", async () => {
    const old = fake("old", `say({ missing: "too old" });`);
    const version = (name: string) => ({
      ...ready(name, GEMM_CHECK, 5, { version: `${name}+cpu` }),
      peer: "torch",
    });
    const { rows, skipped } = await run([
      { ...old, peer: "torch" },
      version("1.13.0"),
      version("2.15.0"),
    ]);
    expect(rows.map(({ peer }) => peer)).toEqual(["surmise-wasm", "torch", "torch 2.15.0"]);
    expect(skipped).toEqual([]);
  });

  test("surmise's own failure is an error", async () => {
    const broken = fake("broken", `throw new Error("no memory");`);
    await expect(run([], { surmise: [broken] })).rejects.toThrow(
      "broken ended with code 1: Error: no memory",
    );
  });
});

describe("the peers of a workload", () => {
  const peers = (name: string, all = false) =>
    peerCommands(named(name), all).map(({ peer }) => peer);

  test("each library, and each JavaScript one also as fast as we know how", () => {
    vi.stubEnv("SURMISE_PYTHON", "python3");
    const inPython = ["torch", "torch-compile", "jax"];
    const inJavaScript = ["tfjs-wasm", "tfjs-wasm-tuned", "jax-js-wasm", "jax-js-wasm-tuned"];
    expect(peers("vae")).toEqual([...inPython, ...inJavaScript]);
    expect(peers("hmc-1d")).toEqual([...inPython, "torch-by-hand", "js-scalars"]);
    expect(peers("mp K=30")).toEqual([...inPython, "torch-psi5"]);
    expect(peers("mp K=30", true)).toEqual([...inPython, "torch-psi5", "torch-naive"]);
    expect(peers("mp K=10")).toContain("torch-naive");
  });

  test("have their workers in the repository, for every family but those of draws, of gradients and of large models", () => {
    const ownWork = ["first-draws", "large", "normals", "gradients-1", "gradients-2"];
    const families = FAMILIES.filter(({ name }) => !ownWork.includes(name));
    for (const { name } of families.flatMap(({ members }) => members)) {
      const commands = peerCommands(named(name), true);
      expect(commands.length, name).toBeGreaterThan(0);
      for (const { arguments: given } of commands)
        expect(existsSync(given[0]), given[0]).toBe(true);
    }
  });

  test("run in every Python that SURMISE_PYTHON names", () => {
    vi.stubEnv("SURMISE_PYTHON", ["/one/python", "/two/python"].join(delimiter));
    const commands = peerCommands(named("vcd"), false);
    expect(commands.map(({ peer, command }) => `${peer} ${command}`)).toEqual(
      ["torch", "torch-compile", "jax"].flatMap((p) => [`${p} /one/python`, `${p} /two/python`]),
    );
  });
});

test("every python3 in PATH is tried unless SURMISE_PYTHON says which", () => {
  const [one, two, none] = ["one", "two", "none"].map((name) => {
    const bin = join(folder, name);
    mkdirSync(bin);
    return bin;
  });
  const [first, second] = [join(one, "python3"), join(two, "python3")];
  writeFileSync(first, "");
  vi.stubEnv("SURMISE_PYTHON", "");
  vi.stubEnv("PATH", [one, none, two].join(delimiter));
  const pythons = () => [...new Set(peerCommands(named("vcd"), false).map((c) => c.command))];
  symlinkSync(first, second);
  expect(pythons()).toEqual([first]);
  rmSync(second);
  writeFileSync(second, "");
  expect(pythons()).toEqual([first, second]);
  vi.stubEnv("PATH", none);
  expect(pythons()).toEqual(["python3"]);
});

describe("the command", () => {
  test("prints a table, whatever backend is chosen elsewhere", async () => {
    vi.stubEnv("SURMISE_BACKEND", "none");
    const flags = ["elementwise", "--seconds", "0.001", "--rounds", "1", "--size", "n=100"];
    const { out } = await command(...flags);
    expect(out).toMatch(/^elementwise: .*\n\npeer +version +threads +ms +fastest +slowest +ratio/);
    expect(out).toMatch(/\nsurmise-wasm +0\.1\.0 +[12] /);
  });

  test("refuses what it cannot do", async () => {
    await expect(command("lstm")).rejects.toThrow('there is no workload "lstm"');
    await expect(command("--peers", "lstm")).rejects.toThrow('there is no workload "lstm"');
    await expect(command("vae", "--rounds", "0")).rejects.toThrow("a whole number from 1");
    await expect(command("vae", "--seconds", "-1")).rejects.toThrow("a number above 0");
    await expect(command("vae", "--size", "batch=0")).rejects.toThrow("a whole number from 1");
    await expect(command("vae", "--size", "depth=2")).rejects.toThrow(
      'no workload has a size "depth"; those of "vae" are batch, hidden, latents',
    );
  });
});

describe("race", () => {
  // Moments of 2000 draws may be off by 0.1 + 3 / sqrt(2000) = 0.167 standard deviations.
  const checkpoint = (steps: number, mean: number, sd = 2) => {
    const moments: Record<string, [number, number]> = { mu: [mean, sd] };
    return { steps, seconds: steps / 100, moments };
  };
  const at = (...checkpoints: ReturnType<typeof checkpoint>[]) =>
    judged({ compileSeconds: 4, checkpoints }, { mu: [10, 2] });

  test("counts from where an answer is right and stays so", () => {
    const { seconds, withCompile, end } = at(
      checkpoint(100, 10),
      checkpoint(200, 10.4),
      checkpoint(300, 10.3),
      checkpoint(400, 10.1),
    );
    expect({ seconds, withCompile }).toEqual({ seconds: 3, withCompile: 7 });
    expect(end).toContain("right from 300");
  });

  test("knows no time of an answer that ends wrong", () => {
    expect(at(checkpoint(100, 10, 2.4))).not.toHaveProperty("seconds");
    expect(at(checkpoint(100, Number.NaN))).not.toHaveProperty("seconds");
    const left = at(checkpoint(100, 10), checkpoint(200, 11));
    expect(left).not.toHaveProperty("seconds");
    expect(left.end).toContain("right at times, first after 1 s");
  });
});
