/** The experiments of AEVB at the smallest budget, and the estimator of appendix D on what they train. */
import { describe, expect, test } from "vitest";
import { loadImages } from "../../../src/data/index.ts";
import { normal } from "../../../src/distributions/index.ts";
import { runStudy } from "../../../src/experiments/index.ts";
import {
  type Algorithm,
  chainEvidence,
  evaluation,
  Loop,
  writeState,
} from "../../../src/inference/internal.ts";
import { paramStore } from "../../../src/model/index.ts";
import { aevb } from "../../../src/papers/index.ts";
import { reportHtml } from "../../../src/report/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, cast, key, tensor } from "../../../src/tensor/index.ts";
import { temporaryFolders } from "../../runs/folders.ts";

const newFolder = temporaryFolders();

describe.runIf(process.env.SURMISE_DATA)("reproduce aevb, with its data", () => {
  test.each([
    ["rates", 9, 0],
    ["fig2", 4, 2],
    ["fig3", 5, 2],
    ["manifolds", 2, 4],
    ["full-vb", 2, 1],
  ])("%s: all cells, and a picture of each panel", async (experiment, cells, figures) => {
    const plans = await aevb.paper.plans([experiment], "smoke");
    const folder = newFolder();
    const study = await runStudy({ plans, folder });
    expect([study.ending, study.finished.length]).toEqual(["finished", cells]);
    const rows = aevb.rowsOf(study.finished);
    for (const { train, test: tested, minutes, config } of rows) {
      for (const { mean } of [train, tested]) expect(Math.abs(mean)).toBeGreaterThan(1);
      expect(config.samples).toBe(2000);
      expect(minutes.mean).toBeGreaterThan(0);
    }
    for (const { config, aboveWakeSleep } of rows) {
      if (experiment !== "fig2") break;
      if (config.method === "aevb") expect(aboveWakeSleep).toBeGreaterThan(0);
    }
    const page = reportHtml(await aevb.paper.report(study, "smoke"));
    expect(page.match(/<svg/g) ?? []).toHaveLength(figures);
    const again = await runStudy({ plans, folder });
    expect(again.finished).toEqual(study.finished);
  });
});

test("appendix D agrees with importance sampling on a trained autoencoder of 3 latents", async () => {
  const images = await loadImages("digits");
  const config: aevb.AevbConfig = {
    ...{ experiment: "fig3", method: "aevb", data: "mnist", trainImages: 5000 },
    ...{ latents: 3, hidden: 100, rate: 0.02, samples: 100_000, points: 1 },
    ...{ judge: "bound", judged: 100, seed: 0 },
  };
  const { algorithm, steps } = aevb.autoencoderCell(config, images);
  const loop = new Loop({ algorithm: algorithm as Algorithm, steps, recordEvery: steps });
  for (const _ of loop.calls());
  const pixels = axis("pixel", 28 * 28);
  const latents = axis("latent", 3);
  const store = paramStore();
  const pair = aevb.vae({ pixels, latents, hidden: axis("hidden", 100), prior: normal(0, 1) });
  const image = axis("image", 200);
  const grey = tensor(images.test.images.subarray(0, image.size * pixels.size), [image, pixels]);
  const data = { x: cast(grey, "float32").mul(1 / 255), image, total: image.size };
  const weighed = evaluation({
    ...{ ...pair, data, key: key(3), parameters: store, plate: image, chunk: 50 },
  });
  const program = compile({ outputs: weighed.outputs, updates: weighed.updates });
  const trained = Object.fromEntries(store.list().map(({ name }) => [name, loop.state()[name]]));
  writeState(program, trained);
  weighed.restart(program);
  const { logLikelihood } = program.run({ steps: 100 });
  const chains = { samples: 50, starts: 1000, seed: 5 };
  const found = chainEvidence({ ...pair, data, parameters: store, ...chains })(trained);
  const apart = Array.from(found, (value, i) => value - logLikelihood.data[i]);
  const mean = apart.reduce((a, b) => a + b) / apart.length;
  const squares = apart.reduce((total, each) => total + (each - mean) ** 2, 0);
  const error = Math.sqrt(squares / (apart.length - 1) / apart.length);
  expect(error).toBeLessThan(0.05);
  expect(Math.abs(mean)).toBeLessThan(3 * error);
});
