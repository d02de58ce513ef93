/** Fits that are killed or stopped, and gone on with to the same bits. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { modelFiles } from "../../src/problems/index.ts";
import { runFiles } from "../../src/runs/index.ts";
import { temporaryFolders } from "../runs/folders.ts";
import { readParquet } from "../runs/parquetFiles.ts";
import { readZarr } from "../runs/zarrFiles.ts";
import { begin, surmise, tinyFit } from "./command.ts";
import { project } from "./schools.ts";

const newFolder = temporaryFolders();
const newPath = () => join(newFolder(), "run");

/** What must not depend on interruptions. */
const bits = (folder: string) => {
  const { weights, metrics } = runFiles(folder);
  return { weights: readFileSync(weights), metrics: readFileSync(metrics, "utf8") };
};

const hasCheckpoint = (folder: string) => {
  try {
    return readFileSync(modelFiles(folder).checkpoint).length > 0;
  } catch {
    return false;
  }
};

describe("an interrupted fit of images", () => {
  const long = (folder: string) => tinyFit(folder, "--steps", "1500", "--checkpoint-every", "0");
  const whole = newPath();
  const begun = surmise(long(whole));

  /** Starts the command, waits for the run to begin and for some milliseconds, and sends a signal. */
  const strike = async (
    args: readonly string[],
    folder: string,
    signal: NodeJS.Signals,
    wait: number,
  ) => {
    const { process: child, ended } = begin(args);
    while (!existsSync(runFiles(folder).run) && child.exitCode === null) await setTimeout(5);
    await setTimeout(wait);
    child.kill(signal);
    return ended;
  };

  test("goes on to the same bits after kill -9 at any moments", async () => {
    await begun;
    const folder = newPath();
    const moments = Array.from({ length: 4 }, () => Math.round(Math.random() * 700));
    const resume = ["fit", "--resume", folder, "--checkpoint-every", "0"];
    let args = long(folder);
    for (const wait of moments) {
      await strike(args, folder, "SIGKILL", wait);
      args = resume;
    }
    const { code, stderr } = await surmise(resume);
    expect(code, `killed after ${moments} ms: ${stderr}`).toBe(0);
    expect(bits(folder), `killed after ${moments} ms`).toEqual(bits(whole));
  });

  test("by Ctrl-C says how to go on, ends with 130, and goes on to the same bits", async () => {
    await begun;
    const folder = newPath();
    const { code, stdout, stderr } = await strike(
      tinyFit(folder, "--steps", "1500", "--json"),
      folder,
      "SIGINT",
      50,
    );
    expect(stderr).toMatch(/stopped after step \d+; to go on: surmise fit --resume .*run\n$/);
    expect(code).toBe(130);
    expect(stdout).toBe("");
    expect((await surmise(["fit", "--resume", folder])).code).toBe(0);
    expect(bits(folder)).toEqual(bits(whole));
  });
});

describe("an interrupted fit of a model file", () => {
  test("--method nuts draws by chains, and goes on to the same draws after kill -9", async () => {
    const { fit: words, out, model } = project(newFolder());
    const few = ["--method", "nuts", "--chains", "2", "--seed", "5", "--init", "pathfinder"];
    const long = [
      ...words,
      ...few,
      "--warmup",
      "200",
      "--draws",
      "10000",
      "--checkpoint-every",
      "0",
    ];
    const { process: child, ended } = begin(long);
    while (child.exitCode === null && !hasCheckpoint(out)) await setTimeout(5);
    await setTimeout(50);
    child.kill("SIGKILL");
    expect((await ended).code).toBe(null);
    const resumed = await surmise(["fit", model, "--resume", out, "--json"]);
    expect(resumed.code).toBe(0);
    const {
      method,
      summary,
      chains,
      draws: each,
      divergences,
      seconds,
    } = JSON.parse(resumed.stdout);
    expect([method, chains, each]).toEqual(["nuts", 2, 10000]);
    expect(summary.map(({ site }: { site: string }) => site).slice(0, 4)).toEqual([
      ...["mean", "spread", "grown", "theta"],
    ]);
    expect(divergences).toBeGreaterThanOrEqual(0);
    expect(seconds).toBeGreaterThan(0);
    const whole = join(out, "..", "whole");
    const again = await surmise([...long.slice(0, -2), "--out", whole]);
    expect(again.stdout).toMatch(/^draws +10000 of each of 2 chains\ndivergences +\d+$/m);
    const bits = (folder: string) => {
      const { metrics, posterior, draws } = modelFiles(folder);
      const theta = join(posterior, "posterior/theta/0.0.0");
      return [metrics, theta, draws].map((file) => readFileSync(file).toString("base64"));
    };
    expect(bits(out)).toEqual(bits(whole));
    const array = (path: string) => readZarr(modelFiles(out).posterior, path);
    expect((await array("posterior/theta")).shape).toEqual([2, 10000, 4]);
    const diverging = (await array("sample_stats/diverging")).data.map(Number);
    expect(diverging.filter((x) => x === 1).length).toBe(divergences);
    const draws = await readParquet(modelFiles(out).draws);
    expect(draws[10000]).toMatchObject({ ".chain": 2n, ".draw": 1n });
    expect((await array("posterior/mean")).data[10000]).toBe(draws[10000].mean);
  });

  test("goes on to the same bits after kill -9, from any folder", async () => {
    const { fit: words, out, model } = project(newFolder());
    const long = [...words, "--steps", "8000", "--method", "mp", "--checkpoint-every", "0"];
    const { process: child, ended } = begin(long);
    while (child.exitCode === null && !hasCheckpoint(out)) await setTimeout(5);
    await setTimeout(100);
    child.kill("SIGKILL");
    expect((await ended).code).toBe(null);
    const resumed = await surmise(["fit", model, "--resume", out]);
    expect(resumed.stderr).toContain("training");
    expect(resumed.code).toBe(0);
    const whole = join(out, "..", "whole");
    await surmise([...long.slice(0, -2), "--out", whole]);
    const bits = (folder: string) => {
      const { weights, metrics, draws } = modelFiles(folder);
      return [weights, metrics, draws].map((file) => readFileSync(file).toString("base64"));
    };
    expect(bits(out)).toEqual(bits(whole));
    const again = await surmise(["fit", "--resume", out]);
    expect(again.stdout).toContain("theta[A]");
    const other = await surmise(["fit", "--resume", out, "--steps", "30"]);
    expect(other.stderr).toMatch(/another configuration: --steps is 8000 there and 30 here/);
    expect(other.code).toBe(2);
  });
});
