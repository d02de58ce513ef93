import { expect, test } from "vitest";
import { drawDigits } from "../../../src/data/index.ts";
import { runStudy } from "../../../src/experiments/index.ts";
import { stl } from "../../../src/papers/index.ts";
import { reportHtml } from "../../../src/report/index.ts";
import { temporaryFolders } from "../../runs/folders.ts";

const newFolder = temporaryFolders();

test("Figures 1 and 3: the path derivative comes to rest, and goes to zero, as the paper shows", async () => {
  const plans = await stl.paper.plans(["fig1", "fig3"], "smoke");
  const study = await runStudy({ plans, folder: newFolder() });
  expect(study.ending).toBe("finished");
  const rows = stl.rowsOf(study.finished);
  const [total, path] = rows.map(({ distance }) => distance?.mean ?? Number.NaN);
  // Plain steps of rate r: the score term has a standard deviation of 1 / sd in a mean and sqrt(2) in a log sd.
  expect(total).toBeGreaterThan(0.05);
  expect(path).toBeLessThan(total / 50);
  // The variance of the score term is 1 / sd^2 in a mean and 2 in a log sd; that of the path derivative ends at rounding.
  const [noise, rest] = rows.map(({ variance }) => variance?.mean ?? Number.NaN);
  expect(noise).toBeGreaterThan(2 * 100);
  expect(rest).toBeLessThan(noise / 1e3);
  const [mixture] = study.finished.filter(({ config }) => config.experiment === "fig3");
  const { path: along, score } = mixture.result.curves ?? {};
  expect(along?.at(-1)).toBeLessThan(1e-12);
  expect(along?.[0]).toBeGreaterThan(0.5);
  expect(score?.at(-1)).toBeGreaterThan(0.1);
  const page = reportHtml(await stl.paper.report(study, "smoke"));
  expect(page.match(/<svg/g)).toHaveLength(4);
});

test("a cell of Table 2 is trained, judged, and told beside the published number", async () => {
  const digits = drawDigits({ train: 200, test: 10 });
  const config: stl.AutoencoderConfig = {
    ...{ experiment: "table2", data: "mnist", layers: 2, bound: "iwae", k: 5 },
    ...{ estimator: "pathBlocked", seed: 0, epochs: 4, as: "code", nllImages: 10, nllDraws: 50 },
    curveImages: 10,
  };
  const folder = newFolder();
  const open = async () => stl.autoencoderCell(config, digits);
  const plans = [{ title: "Table 2: mnist", config, folder: "cell", open }];
  const told = async (
    study: Awaited<ReturnType<typeof runStudy<stl.StlConfig, stl.StlResult>>>,
  ) => {
    const { columns, rows } = stl.paper.table(stl.paper.rows(study));
    const figures = reportHtml(await stl.paper.report(study, "smoke")).match(/<svg/g)?.length;
    return { ...Object.fromEntries(columns.map((title, i) => [title, rows[0][i]])), figures };
  };

  // Stopped half-way: how far it is, the last NLL of its curve, and how long it will take.
  const stop = new AbortController();
  const study = { plans, folder, signal: stop.signal };
  const half = await runStudy<stl.StlConfig, stl.StlResult>({
    ...study,
    onEvent: (event) => {
      if (event.kind === "record" && event.step >= 20) stop.abort();
    },
  });
  expect(half.ending).toBe("interrupted");
  expect(await told(half)).toMatchObject({
    ...{ runs: 0, epochs: "2/3280", left: "1 s", published: "83.57", figures: 1 },
    "NLL (nats)": expect.stringMatching(/^\d+\.\d\d$/),
  });

  const whole = await runStudy<stl.StlConfig, stl.StlResult>({ plans, folder });
  const [{ result }] = whole.finished;
  expect((result as stl.AutoencoderResult).nllError).toBeGreaterThan(0);
  expect(await told(whole)).toMatchObject({ runs: 1, epochs: "4/3280", figures: 1 });
  expect(whole.curves[0].records.at(-1)).toMatchObject({
    nll: (result as stl.AutoencoderResult).nll,
  });
});

test("estimators are compared with the total derivative seed by seed", () => {
  const cellOf = (estimator: "total" | "path", seed: number, nll: number) => {
    const config: stl.AutoencoderConfig = {
      ...{ experiment: "table2", data: "mnist", layers: 1, bound: "vae", k: 1 },
      ...{ estimator, seed, epochs: 40, as: "paper", nllImages: 10, nllDraws: 50, curveImages: 0 },
    };
    const result: stl.AutoencoderResult = {
      ...{ nll, nllError: 0.8, secondsPerStep: 0.001, backend: "wasm" },
    };
    return { title: "Table 2: mnist", config, result };
  };
  const cells = [cellOf("path", 0, 94), cellOf("total", 0, 96), cellOf("path", 1, 97)];
  const below = (ran: typeof cells) =>
    stl.rowsOf(ran).find(({ estimator }) => estimator === "path")?.belowTotal;
  expect(below([cells[0]])).toBeUndefined();
  // Of seed 1 there is no total derivative yet.
  expect(below(cells)).toMatchObject({ mean: 2, error: Number.NaN });
  expect(below([...cells, cellOf("total", 1, 100)])).toEqual({
    ...{ mean: 2.5, error: 0.5, sd: Math.SQRT1_2 },
  });
});

test("the paper's own two-layer column is that of the blocked form", () => {
  const cell = { data: "mnist", layers: 2, bound: "vae", k: 1 } as const;
  expect(stl.published(cell, "pathBlocked")).toBe(84.77);
  expect(stl.published(cell, "path")).toBeUndefined();
  expect(stl.published({ ...cell, layers: 1 }, "path")).toBe(86.4);
});
