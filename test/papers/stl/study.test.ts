import { expect, test } from "vitest";
import { drawDigits } from "../../../src/data/index.ts";
import { runStudy } from "../../../src/experiments/index.ts";
import { stl } from "../../../src/papers/index.ts";
import { reportHtml } from "../../../src/report/index.ts";
import { drive } from "../../../src/runs/index.ts";
import { temporaryFolders } from "../../runs/folders.ts";

const newFolder = temporaryFolders();

test("Figures 1 and 3: the path derivative comes to rest, and goes to zero, as the paper shows", async () => {
  const plans = await stl.paper.plans(["fig1", "fig3"], "smoke");
  const study = await runStudy({ plans, folder: newFolder() });
  expect(study.ending).toBe("finished");
  const [total, path] = stl
    .rowsOf(study.finished)
    .map(({ distance }) => distance?.mean ?? Number.NaN);
  // Plain steps of rate r: the score term has a standard deviation of 1 / sd in a mean and sqrt(2) in a log sd.
  expect(total).toBeGreaterThan(0.05);
  expect(path).toBeLessThan(total / 50);
  const [mixture] = study.finished.filter(({ config }) => config.experiment === "fig3");
  const { path: along, score } = mixture.result.curves ?? {};
  expect(along?.at(-1)).toBeLessThan(1e-12);
  expect(along?.[0]).toBeGreaterThan(0.5);
  expect(score?.at(-1)).toBeGreaterThan(0.1);
  const page = reportHtml(await stl.paper.report(study, "smoke"));
  expect(page.match(/<svg/g)).toHaveLength(3);
});

test("a cell of Table 2 is trained, judged, and told beside the published number", async () => {
  const digits = drawDigits({ train: 200, test: 10 });
  const config: stl.AutoencoderConfig = {
    ...{ experiment: "table2", data: "mnist", layers: 2, bound: "iwae", k: 5 },
    ...{ estimator: "pathBlocked", seed: 0, epochs: 4, as: "code", nllImages: 10, nllDraws: 50 },
  };
  const ended = await drive({
    ...{ folder: newFolder(), config, kind: "cell", mode: "either" },
    load: async () => ({
      ...{ sources: {} },
      open: () => stl.autoencoderCell(config, digits),
    }),
  });
  if (ended.kind !== "finished") throw new Error(ended.kind);
  const { result } = ended;
  expect(result.nll).toBeGreaterThan(0);
  expect(result.nllError).toBeGreaterThan(0);
  const rows = stl.rowsOf([{ title: "Table 2: mnist", config, result }]);
  const { columns, rows: cells } = stl.paper.table(rows);
  expect(cells[0][columns.indexOf("published")]).toBe("83.57");
  expect(cells[0][columns.indexOf("epochs")]).toBe("4 of 3280");
});

test("the paper's own two-layer column is that of the blocked form", () => {
  const cell = { data: "mnist", layers: 2, bound: "vae", k: 1 } as const;
  expect(stl.published(cell, "pathBlocked")).toBe(84.77);
  expect(stl.published(cell, "path")).toBeUndefined();
  expect(stl.published({ ...cell, layers: 1 }, "path")).toBe(86.4);
});
