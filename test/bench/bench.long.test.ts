/** The benchmark: what is measured, beside whom, and what is said of it. */
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { ceilingsGauge } from "../../bench/src/ceilings.ts";
import { surmiseCommand } from "../../bench/src/commands.ts";
import { peerCommands } from "../../bench/src/peers.ts";
import { judged } from "../../bench/src/race.ts";
import { buildTimes, times } from "../../bench/src/statistics.ts";
import { FAMILIES } from "../../bench/src/workloads/index.ts";
import { median } from "../../src/runs/index.ts";
import {
  command,
  fake,
  folder,
  GEMM_CHECK,
  named,
  ready,
  run,
  TINY,
  TINY_CHECKS,
  tinyFlags,
  tinyVae,
} from "./tiny.ts";

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

test("measures the machine, or says why not", () => {
  const messages: string[] = [];
  vi.stubEnv("CC", join(folder, "no-compiler"));
  const none = ceilingsGauge(1, (why) => messages.push(why));
  expect(none.measure()).toBeUndefined();
  none.close();
  expect(messages).toEqual([`no C compiler works (${join(folder, "no-compiler")})`]);
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
