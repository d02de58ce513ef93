/** Fits of models to tables, in this process: what does not fit together is told by name. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Columns, columnsOf, readTable } from "../../src/data/index.ts";
import { halfCauchy, normal, poisson } from "../../src/distributions/index.ts";
import { summarise } from "../../src/inference/index.ts";
import { type Model, model, type Sites } from "../../src/model/index.ts";
import { type ModelSettings, ModelTask, modelConfig } from "../../src/problems/index.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { temporaryFolders } from "../runs/folders.ts";
import { tableRun } from "./runs.ts";

const newFolder = temporaryFolders();
const TABLE = "school,effect,error\nA,28,15\nB,8,10\nC,-3,16\nD,7,11\n";

async function columns(table = TABLE): Promise<Columns> {
  const path = join(newFolder(), "table.csv");
  writeFileSync(path, table);
  return columnsOf(await readTable(path));
}

function run(
  body: (sites: Sites, data: Columns) => void,
  data: unknown,
  settings: Partial<ModelSettings> = {},
) {
  return tableRun(model(body) as Model<never, unknown>, data, { steps: 50, ...settings });
}

/** Four schools; what can be wrong with them is an argument. */
const schools =
  ({ axis = "school", effect = "effect", spread = "spread", inside = true } = {}) =>
  ({ sample, observe, plate }: Sites, { axisOf, column }: Columns) => {
    const school = axisOf(axis);
    const mean = sample("mean", normal(0, 5));
    const scale = sample(spread, halfCauchy(5));
    const theta = plate(school, () => sample("theta", normal(mean, scale)));
    const observed = () =>
      observe("effect", normal(theta, column("error", [school])), column(effect, [school]));
    inside ? plate(school, observed) : observed();
  };

describe("what is refused", () => {
  const cases: readonly [string, Parameters<typeof schools>[0], string | undefined, RegExp][] = [
    [
      "a missing column",
      { axis: "schol" },
      undefined,
      /no column 'schol'; the columns are: school,/,
    ],
    [
      "a column that is not numeric",
      {},
      TABLE.replace("8,10", "eight,10"),
      /table.csv: column 'effect' in row 2 is 'eight', not a number/,
    ],
    [
      "a missing value",
      {},
      TABLE.replace("8,10", ",10"),
      /table.csv: column 'effect' has no value for school 'B' \(missing: 1 of 4\)/,
    ],
    ["two sites of one name", { spread: "mean" }, undefined, /two sites are named 'mean'/],
    [
      "an observation outside its plate",
      { inside: false },
      undefined,
      /observe 'effect': .*put it inside plate\(school, ...\)/,
    ],
  ];
  test.each(cases)("%s", async (_, wrong, table, message) => {
    const data = await columns(table);
    expect(() => run(schools(wrong), data)).toThrow(SurmiseError);
    expect(() => run(schools(wrong), data)).toThrow(message);
  });

  test("a count, if the method needs derivatives of its draws", () => {
    const coin = ({ sample }: Sites) => void sample("coin", poisson(2));
    expect(() => run(coin, undefined)).toThrow(
      /latent 'coin': its draws have no derivative .* method vi needs: .* choose method rws or mprws/,
    );
    expect(() => run(coin, undefined, { method: "rws" })).not.toThrow();
  });

  test("a model of nothing, and a guide beside a method that makes its own", async () => {
    expect(() => run(() => {}, undefined)).toThrow(
      /nothing to fit: the model and its guide have no continuous latents/,
    );
    const config = modelConfig({ model: "model.ts", method: "map" });
    const empty = model(() => {}) as Model;
    expect(
      () => new ModelTask(config, { model: empty, guide: empty, data: 0, sources: {} }),
    ).toThrow(/method map searches for the mode .*leave out guide/);
  });
});

describe("a run", () => {
  test("gives the same draws for the same seed, and others for another", async () => {
    const data = await columns();
    const draws = async (seed: number) => {
      const fitted = run(schools(), data, { method: "mp", particles: 3, draws: 20, seed });
      await fitted.train();
      return [...fitted.posterior().sites.theta.data];
    };
    expect(await draws(1)).toEqual(await draws(1));
    expect(await draws(1)).not.toEqual(await draws(2));
  });

  test("a point has one value and no evidence", async () => {
    const mean = ({ sample, observe, plate }: Sites, { row, column }: Columns) => {
      const z = sample("z", normal(0, 5));
      plate(row, () => observe("effect", normal(z, column("error")), column("effect")));
    };
    const fitted = run(mean, await columns(), { method: "map", steps: 500 });
    await fitted.train();
    const { logEvidence, ...samples } = fitted.posterior();
    expect(samples.draws).toBe(1);
    const weights = [15, 10, 16, 11].map((error) => 1 / error ** 2);
    const total = weights.reduce((a, b) => a + b, 1 / 25);
    const expected = weights.reduce((sum, w, i) => sum + w * [28, 8, -3, 7][i], 0) / total;
    expect(samples.sites.z.data[0]).toBeCloseTo(expected, 2);
    expect(logEvidence).toBeUndefined();
  });

  test("a point is refused where the density has no maximum", async () => {
    const fitted = run(schools(), await columns(), { method: "map", steps: 2000 });
    await fitted.train();
    expect(() => fitted.posterior()).toThrow(/map: .* rises along latent 'spread'/);
  });

  test("records the bound, which grows", async () => {
    const fitted = run(schools(), await columns(), { steps: 400 });
    await fitted.train();
    const { records } = fitted.run;
    expect(records.map(({ step }) => step)).toEqual([100, 200, 300, 400]);
    expect(records[3].bound).toBeGreaterThan(records[0].bound);
  });
});

describe("how a training goes on", () => {
  test("patience ends it at the best record", async () => {
    const { run: made, train } = run(schools(), await columns(), {
      ...{ method: "vi", steps: 4000, recordEvery: 10, patience: 3, rates: "constant" },
    });
    await train();
    const { records, state } = made.trained();
    const bounds = records.map(({ bound }) => bound);
    const best = bounds.indexOf(Math.max(...bounds));
    expect(records.length).toBe(best + 4);
    expect(state["#step"].data[0]).toBe(records[best].step);
  });

  test.each([
    ["a cosine after a warm-up", { rates: "cosine", lrWarmup: 10 }],
    ["a weight of the divergence", { beta: 2, betaWarmup: 10 }],
  ] as const)("%s", async (_, settings) => {
    const { posterior, train } = run(schools(), await columns(), { method: "vi", ...settings });
    await train();
    expect(summarise(posterior()).every(({ mean }) => Number.isFinite(mean))).toBe(true);
  });

  test("a warm-up that is longer than the training is refused", async () => {
    const data = await columns();
    expect(() => run(schools(), data, { method: "vi", lrWarmup: 50 })).toThrow(
      "the learning rate rises over 50 steps, but there are 50 in all",
    );
  });
});
