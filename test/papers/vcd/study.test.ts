import { expect, test } from "vitest";
import type { ImageSet } from "../../../src/data/index.ts";
import { bernoulli, normal } from "../../../src/distributions/index.ts";
import { runStudy } from "../../../src/experiments/index.ts";
import { model, paramStore } from "../../../src/model/index.ts";
import { constantRate } from "../../../src/optim/index.ts";
import { vcd } from "../../../src/papers/index.ts";
import { reportHtml } from "../../../src/report/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, input, sum, tensor } from "../../../src/tensor/index.ts";
import { temporaryFolders } from "../../runs/folders.ts";

const newFolder = temporaryFolders();

test("Toys: q by the divergence covers more of the target than q by the ELBO", async () => {
  const plans = await vcd.paper.plans(["toys"], "smoke");
  const some = plans.filter(({ folder }) => /gaussian-normal|banana-mixture/.test(folder));
  const study = await runStudy({ plans: some, folder: newFolder() });
  expect(study.ending).toBe("finished");
  expect(study.curves.map(({ records }) => records.length)).toEqual([100, 100, 100, 100]);
  const rows = vcd.rowsOf(study.finished);
  const of = (target: string, method: string) =>
    rows.find(
      ({ config }) => config.method === method && "target" in config && config.target === target,
    )?.divergences;
  for (const target of ["gaussian", "banana"]) {
    const [byDivergence, byElbo] = [of(target, "vcd"), of(target, "elbo")];
    expect(byDivergence?.ofTarget.mean).toBeLessThan(0.7 * (byElbo?.ofTarget.mean ?? 0));
    expect(byElbo?.ofGuide.mean).toBeLessThan(byDivergence?.ofGuide.mean ?? 0);
  }
  // The best independent normals of a correlation of 0.95 have a KL of -log sqrt(1 - 0.95^2).
  expect(of("gaussian", "elbo")?.ofGuide.mean).toBeCloseTo(-0.5 * Math.log(1 - 0.95 ** 2), 1);
  const page = reportHtml(await vcd.paper.report(study, "smoke"));
  expect(page.match(/<svg/g)).toHaveLength(2);
});

test("all three proposals give the log likelihood of the images", async () => {
  const [pixel, code] = [axis("pixel", 4), axis("code", 1)];
  const weights = tensor([[1.5, -1, 0.5, 2]], [code, pixel]);
  const pair = {
    model: model(({ sample, observe, plate }, { x, image }: vcd.Images) => {
      plate(image, () => {
        const z = sample("z", normal(0, 1).event(code));
        observe("x", bernoulli({ logits: sum(z.mul(weights), code) }).event(pixel), x);
      });
    }),
    guide: model(({ sample, plate }, { x, image }: vcd.Images) => {
      plate(image, () => sample("z", normal(sum(x, pixel).mul(0.1), 1.1).event(code)));
    }),
  };
  const images = [
    [1, 0, 1, 1],
    [0, 1, 0, 0],
    [1, 1, 1, 1],
  ];
  const set: ImageSet = {
    ...{ name: "three", count: 3, height: 2, width: 2 },
    images: Uint8Array.from(images.flat(), (bit) => 255 * bit),
  };
  const settings = { burnIn: 50, samples: 100, draws: 20_000 };
  const evaluator = vcd.testEvaluator(pair, pixel, paramStore(), 3, settings);
  const found = await evaluator.evaluate(set, {});
  const exact = images.map((x) => {
    const h = 0.01;
    let total = 0;
    for (let z = -8; z <= 8; z += h) {
      const logLikelihood = [1.5, -1, 0.5, 2].reduce(
        (at, w, i) => at + x[i] * w * z - Math.log1p(Math.exp(w * z)),
        0,
      );
      total += (h * Math.exp(logLikelihood - 0.5 * z * z)) / Math.sqrt(2 * Math.PI);
    }
    return Math.log(total);
  });
  const mean = exact.reduce((a, b) => a + b) / 3;
  // Weights have a coefficient of variation of at most about 1: 20000 draws leave an error of 0.007 for an image.
  for (const { mean: estimate } of Object.values(found)) expect(estimate).toBeCloseTo(mean, 1.7);
  expect(Object.keys(found)).toEqual(["encoder", "mixed", "chain"]);
});

test("RMSProp begins at the first squared gradient, and adds 1 to its root", () => {
  const { init, update } = vcd.rmsprop(constantRate(0.1));
  const [x, squares, gradient] = [input("x"), input("squares"), input("gradient")];
  const step = input("step");
  const next = update(x, gradient, { squares }, step);
  const outputs = { next: next.param, running: next.slots.squares };
  const program = compile({ outputs });
  const at = (count: number, before: number) => {
    const inputs = { x: 1, squares: before, gradient: 3, step: count };
    const found = program.run({ inputs });
    return [found.next.data[0], found.running.data[0]];
  };
  expect(Object.keys(init(x))).toEqual(["squares"]);
  expect(at(1, 0)[0]).toBeCloseTo(1 - 0.3 / 4, 6);
  expect(at(1, 0)[1]).toBeCloseTo(9, 5);
  expect(at(2, 9)[1]).toBeCloseTo(9, 5);
  expect(at(2, 0)[0]).toBeCloseTo(1 - 0.3 / (1 + Math.sqrt(0.9)), 6);
});
