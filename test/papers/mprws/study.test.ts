import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { estimate, runStudy } from "../../../src/experiments/index.ts";
import { predictiveLogLikelihood } from "../../../src/inference/index.ts";
import { model } from "../../../src/model/index.ts";
import { mprws } from "../../../src/papers/index.ts";
import { freeNormal } from "../../../src/papers/mprws/problem.ts";
import { type TrainedConfig, trainingOf } from "../../../src/papers/mprws/trainings.ts";
import { reportHtml } from "../../../src/report/index.ts";
import { drive, median, runFiles } from "../../../src/runs/index.ts";
import { axis, tensor } from "../../../src/tensor/index.ts";
import { temporaryFolders } from "../../runs/folders.ts";

const newFolder = temporaryFolders();

/** A mean z ~ normal(0, 1) of the numbers x ~ normal(z, 1). */
const numbers = (...x: number[]) => {
  const each = axis("number", x.length);
  return model<undefined, void>(({ sample, observe, plate }) => {
    const z = sample("z", normal(0, 1));
    plate(each, () => observe("x", normal(z, 1), tensor(Float32Array.from(x), [each])));
  });
};
const problem: mprws.PredictiveProblem = {
  title: "numbers",
  model: numbers(0.5, 1.5),
  guide: model(({ sample, param }) => {
    sample("z", freeNormal(param, "z", []));
  }),
  groups: [],
  predictive: (drawn) => predictiveLogLikelihood({ ...drawn, model: numbers(2), data: undefined }),
  drawsPerSet: 10,
};
const config: TrainedConfig = {
  ...{ strategy: "mp", particles: 100, seed: 1 },
  ...{ iterations: 200, rate: 0.001, sets: 300 },
};

describe("a cell", () => {
  const keep = (folder: string, more: object = {}) =>
    drive({
      ...{ folder, config, kind: "cell", mode: "either" },
      load: async () => ({
        sources: {},
        open: () => trainingOf(problem, config),
      }),
      ...more,
    });

  test("the predictive log likelihood of a conjugate model, and its evidence", async () => {
    const ended = await keep(newFolder());
    if (ended.kind !== "finished") throw new Error(ended.kind);
    // The posterior of z is normal(2/3, 1/3), so that a new number is normal(2/3, 4/3).
    const exact = -0.5 * Math.log(2 * Math.PI * (4 / 3)) - (0.5 * (2 - 2 / 3) ** 2) / (4 / 3);
    // 3000 draws, whose densities spread by less than their mean.
    expect(Math.abs(ended.result.predictive - exact)).toBeLessThan(5 / Math.sqrt(3000));
    // The numbers are jointly normal with covariance [[2, 1], [1, 2]].
    const evidence = -Math.log(2 * Math.PI) - 0.5 * Math.log(3) - 0.5 * (3.5 / 3);
    expect(Math.abs(ended.result.bounds[0] - evidence)).toBeLessThan(0.1);
  });

  test.each(["record", "score"])(
    "interrupted at a %s and gone on with, it comes to the same result, which is kept",
    async (at) => {
      const whole = await keep(newFolder());
      const folder = newFolder();
      const controller = new AbortController();
      const onEvent = ({ kind }: { kind: string }) => kind === at && controller.abort();
      const first = await keep(folder, { onEvent, signal: controller.signal });
      expect(first.kind).toBe("interrupted");
      const second = await keep(folder);
      const numbersOf = (ended: typeof whole) =>
        ended.kind === "finished" && [ended.result.predictive, ended.result.bounds];
      expect(numbersOf(second)).toEqual(numbersOf(whole));
      const open = () => {
        throw new Error("run again");
      };
      const load = async () => ({ sources: {}, open });
      const third = await keep(folder, { load });
      expect(third).toEqual(second);
    },
  );

  test("the time of a step is the median over the stretches that were recorded", async () => {
    const folder = newFolder();
    const ended = await keep(folder);
    const { metrics } = runFiles(folder);
    const times = readFileSync(metrics, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).seconds as number)
      .map((seconds, i, all) => (seconds - (all[i - 1] ?? 0)) / 10);
    expect(times).toHaveLength(20);
    expect(ended).toMatchObject({ result: { secondsPerStep: median(times) } });
  });

  test("a folder with another cell, or other data, is refused", async () => {
    const folder = newFolder();
    await keep(folder);
    const other = { ...config, seed: 2 };
    await expect(keep(folder, { config: other })).rejects.toThrow("seed is 1 there and 2 here");
    await expect(
      keep(folder, { load: async () => ({ sources: { "the data": "others" } }) }),
    ).rejects.toThrow("new: the data");
  });
});

test.each(["rws", "vi", "qem"] as const)(
  "%s is judged on the way and comes to the predictions of the posterior",
  async (method) => {
    const chosen: TrainedConfig = { ...config, method, rate: 0.05, judgements: 4 };
    const ended = await drive({
      ...{ folder: newFolder(), config: chosen, kind: "cell", mode: "either" },
      load: async () => ({ sources: {}, open: () => trainingOf(problem, chosen) }),
    });
    if (ended.kind !== "finished") throw new Error(ended.kind);
    const { predictive, curve = [] } = ended.result;
    expect(curve.map(({ step }) => step)).toEqual([50, 100, 150, 200]);
    expect(curve[3].predictive).toBe(predictive);
    const exact = -0.5 * Math.log(2 * Math.PI * (4 / 3)) - (0.5 * (2 - 2 / 3) ** 2) / (4 / 3);
    expect(Math.abs(predictive - exact)).toBeLessThan(5 / Math.sqrt(3000));
    const rows = mprws.rowsOf([{ title: "numbers", config: chosen, result: ended.result }]);
    expect(mprws.paper.table(rows).columns).toContain("method");
  },
);

test("the standard error over seeds", () => {
  const { mean, error } = estimate([1, 2, 6]);
  expect(mean).toBe(3);
  // The variance is (4 + 1 + 9) / 2 = 7, of a mean of three 7/3.
  expect(error).toBeCloseTo(Math.sqrt(7 / 3), 12);
  expect(estimate([4]).error).toBeNaN();
});

describe("rows and report", () => {
  const result = { bounds: [-3], secondsPerStep: 0.002, backend: "wasm" };
  const ran = [
    ...[-10, -12].map((predictive, seed) => ({ strategy: "mp" as const, predictive, seed })),
    { strategy: "global" as const, predictive: -20, seed: 0 },
  ].map(({ strategy, predictive, seed }) => ({
    title: "numbers",
    config: { ...config, strategy, seed },
    result: { ...result, predictive },
  }));
  const { columns, rows } = mprws.paper.table(mprws.rowsOf(ran));

  test("a row for each strategy and number of particles, with errors where there are several seeds", () => {
    expect(columns).toHaveLength(rows[0].length);
    expect(rows).toEqual([
      ["numbers", "massively parallel", 100, 2, "-11.00 ± 1.00", "-3.00 ± 0.00", "2.00 ± 0.00"],
      ["numbers", "global", 100, 1, "-20.00", "-3.00", "2.00"],
    ]);
  });

  test("rows of a problem stand together, however the cells were run", () => {
    const titles = ["a", "b", "a", "b"];
    const mixed = titles.map((title, particles) => {
      return { title, config: { ...config, particles }, result: { ...result, predictive: 0 } };
    });
    expect(mprws.rowsOf(mixed).map((row) => row.title)).toEqual(["a", "a", "b", "b"]);
  });

  test("two figures for each problem, and whether it is finished", async () => {
    const page = reportHtml(
      await mprws.studyReport({ finished: ran, curves: [], ending: "interrupted" }, "smoke"),
    );
    expect(page.match(/<svg/g)).toHaveLength(2);
    expect(page).toContain("Not finished.");
  });
});

test("a study goes on where it was stopped, and does nothing twice", async () => {
  const folder = join(newFolder(), "new");
  const controller = new AbortController();
  const plans = await mprws.paper.plans(["timeseries"], "smoke");
  const begun: number[] = [];
  const onCell = (_: unknown, done: number) => {
    if (begun.push(done) === 2) controller.abort();
  };
  const first = await runStudy({ plans, folder, onCell, signal: controller.signal });
  expect([first.ending, first.finished.length]).toEqual(["interrupted", 1]);
  const ready: number[] = [];
  const second = await runStudy({ plans, folder, onReady: ({ task }) => ready.push(task.steps) });
  // Two series, three strategies, two numbers of particles.
  expect([second.ending, second.finished.length, ready.length]).toEqual(["finished", 12, 11]);
  expect(second.finished[0]).toEqual(first.finished[0]);
});
