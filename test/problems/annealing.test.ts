/** Annealed importance sampling of a model file: settings, evidence, interruption. */
import { describe, expect, test } from "vitest";
import { normal } from "../../src/distributions/index.ts";
import { model } from "../../src/model/index.ts";
import {
  type AnnealingResult,
  type ModelFile,
  type ModelSettings,
  tableConfig,
  tableProblem,
} from "../../src/problems/index.ts";
import { constant } from "../../src/tensor/index.ts";
import { temporaryFolders } from "../runs/folders.ts";
import { driveTable } from "./runs.ts";

const newFolder = temporaryFolders();

/** mean ~ normal(1, 2), y ~ normal(mean, 3), y = 4: the evidence is normal(1, sqrt 13) at 4. */
const file: ModelFile = {
  model: model(({ sample, observe }) => {
    observe("y", normal(sample("mean", normal(1, 2)), 3), constant(4));
  }),
  data: undefined,
  sources: {},
};
const EVIDENCE = -0.5 * (9 / 13 + Math.log(13) + Math.log(2 * Math.PI));

const few = { model: "m.ts", method: "ais", particles: 200, temperatures: 40 } as const;

describe("ais", () => {
  test("tells the evidence with its error, and what the draws are worth", async () => {
    const ended = await driveTable(newFolder(), tableConfig({ ...few, seed: 1 }), file);
    if (ended.kind !== "finished") throw new Error("not finished");
    const { evidence, kHat, worth, summary, warnings } = ended.result as AnnealingResult;
    expect(evidence?.isBound).toBe(false);
    const { value = 0, standardError = 0 } = evidence ?? {};
    expect(standardError).toBeLessThan(0.05);
    expect(Math.abs(value - EVIDENCE)).toBeLessThan(5 * standardError);
    expect(kHat).toBeLessThan(0.7);
    expect(worth).toBeGreaterThan(150);
    expect(summary[0].ess).toBe(worth);
    // Precision 1/4 + 1/9, mean (1/4 + 4/9) / (13/36) = 25/13.
    expect(Math.abs(summary[0].mean - 25 / 13)).toBeLessThan(5 * (summary[0].mcseMean as number));
    expect(warnings).toEqual([]);
  });

  test("goes on to the same result after it was stopped", async () => {
    const config = tableConfig({ ...few, temperatures: 100 });
    const whole = await driveTable(newFolder(), config, file);
    const folder = newFolder();
    const stop = new AbortController();
    const stopped = await driveTable(folder, config, file, {
      checkpointEvery: 0,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === "record" && event.step >= 20) stop.abort();
      },
    });
    expect(stopped).toMatchObject({ kind: "interrupted" });
    const resumed = await driveTable(folder, config, file);
    const told = (ended: typeof whole) => {
      if (ended.kind !== "finished") throw new Error("not finished");
      const { speed: _, ...others } = ended.result;
      return others;
    };
    expect(told(resumed)).toEqual(told(whole));
  });

  test("warns where few particles carry the weight", async () => {
    const narrow: ModelFile = {
      ...file,
      model: model(({ sample, observe }) => {
        observe("y", normal(sample("x", normal(0, 100)), 0.01), constant(50));
      }),
    };
    const ended = await driveTable(newFolder(), tableConfig({ ...few, temperatures: 2 }), narrow);
    if (ended.kind !== "finished") throw new Error("not finished");
    expect(ended.result.warnings.join()).toMatch(/few particles carry .*more temperatures/);
  });
});

describe("settings of kinds of methods", () => {
  const configured = (given: Partial<ModelSettings>) => tableConfig({ model: "m.ts", ...given });

  test("choose the kind that they are for", () => {
    expect(configured({}).method).toBe("vi");
    expect(configured({ particles: 3 }).method).toBe("vi");
    expect(configured({ warmup: 3 }).method).toBe("nuts");
    expect(configured({ particles: 3, temperatures: 4 })).toMatchObject({
      ...{ method: "ais", particles: 3, draws: 3, temperatures: 4, leapfrogs: 5, recordEvery: 1 },
    });
    expect(configured({ method: "ais" })).toMatchObject({ particles: 1000, recordEvery: 10 });
  });

  test.each([
    [{ method: "ais", warmup: 3 }, /^warmup is of no use to method ais, which anneals and has/],
    [{ method: "nuts", temperatures: 3 }, /^temperatures is of no use to method nuts, which/],
    [{ method: "vi", leapfrogs: 3 }, /^leapfrogs is of no use to method vi, which trains/],
    [{ warmup: 3, temperatures: 4 }, /^temperatures is of no use to method nuts|^warmup is of no/],
    [{ method: "ais", formats: "stan" }, /^formats: stan is for draws of Markov chains/],
    [{ method: "ais", temperatures: 0 }, /^temperatures is 0: it must be a whole number/],
  ] as const)("refuse others: %j", (given, message) => {
    expect(() => configured(given as Partial<ModelSettings>)).toThrow(message);
  });

  test("are completed with a reason", async () => {
    const problem = tableProblem(async () => file);
    const given = { model: "m.ts", temperatures: 4 };
    expect(await problem.complete?.(given, (name) => `--${name}`)).toMatchObject({
      ...{ method: "ais", reason: "--temperatures is for annealing" },
    });
  });
});
