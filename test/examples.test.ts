/** The examples, fitted as the command does it, against what is known of their posteriors. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import buses from "../examples/buses.ts";
import eightSchools from "../examples/eightSchools.ts";
import logistic from "../examples/logistic.ts";
import mixture from "../examples/mixture.ts";
import movielens from "../examples/movielens.ts";
import radon from "../examples/radon.ts";
import { columnsOf, readTable } from "../src/data/index.ts";
import { nameOf, type Summary, summarise } from "../src/inference/index.ts";
import type { Model } from "../src/model/index.ts";
import { ModelRun, type ModelSettings, modelConfig } from "../src/runs/index.ts";

const shared = process.env.SURMISE_DATA ?? "";
const example = (file: string) => resolve(import.meta.dirname, "../examples", file);

/** The posterior of a model on a table, by the names of its elements. */
async function posterior<Data>(
  model: Model<Data, unknown>,
  data: string,
  settings: Partial<ModelSettings>,
): Promise<Readonly<Record<string, Summary>>> {
  const config = modelConfig({ model: "model.ts", data, seed: 1, ...settings });
  const table = columnsOf(await readTable(data));
  const run = new ModelRun(config, { model: model as Model, data: table, fingerprint: "" });
  await run.train();
  return Object.fromEntries(summarise(run.posterior().samples).map((row) => [nameOf(row), row]));
}

/** Checks that the central interval, made `times` as wide, holds the value. */
function expectNear({ mean, sd, site }: Summary, value: number, times = 1): void {
  expect(Math.abs(mean - value), `${site}: ${mean} ± ${sd}`).toBeLessThan(times * 2.6 * sd);
}

describe("eight schools", () => {
  const reference = join(
    shared,
    "posteriordb/eight_schools-eight_schools_noncentered/reference.json",
  );

  test.skipIf(!existsSync(reference))("agrees with the reference posterior", async () => {
    const found = await posterior(eightSchools, example("eightSchools.csv"), {
      method: "iwae",
      particles: 300,
      steps: 1500,
    });
    const known = JSON.parse(readFileSync(reference, "utf8")).parameters;
    const schools = Object.keys(found).filter((name) => name.startsWith("theta"));
    expect(schools[6]).toBe("theta[St. Paul's]");
    const pairs = [
      ["mean", "mu"],
      ["spread", "tau"],
      ...schools.map((s, i) => [s, `theta[${i + 1}]`]),
    ];
    for (const [here, there] of pairs) {
      const { mean, sd, mcse_mean: error } = known[there];
      // 1000 draws from 100 sets of particles.
      const tolerance = 4 * Math.hypot(sd / Math.sqrt(1000), error);
      expect(Math.abs(found[here].mean - mean), here).toBeLessThan(tolerance);
      expect(Math.abs(found[here].sd / sd - 1), here).toBeLessThan(0.2);
    }
  });
});

describe("generated data give back what they were made from", () => {
  test("radon", async () => {
    const found = await posterior(radon, example("radon.csv"), { steps: 2000 });
    expectNear(found.mean, 1.5, 1.5);
    expectNear(found.spread, 0.4);
    expectNear(found.floor, -0.7);
    expectNear(found.noise, 0.7);
    expect(Object.keys(found)).toContain("level[Aitkin]");
  });

  test("films", async () => {
    const found = await posterior(movielens, example("movielens.csv"), {
      method: "mp",
      particles: 5,
      steps: 1000,
      draws: 400,
    });
    expectNear(found["taste[action]"], 1.5);
    expectNear(found["taste[drama]"], -1);
    expectNear(found["taste[comedy]"], 0.5);
    expect(found["z[40,comedy]"].effectiveSampleSize).toBeGreaterThan(40);
  });

  test("buses", async () => {
    const found = await posterior(buses, example("buses.csv"), { steps: 2000 });
    expectNear(found["byCompany[Acme]"], 0.8, 1.5);
    expectNear(found["byCompany[Bluebird]"], -0.6, 1.5);
    expectNear(found["byType[regular]"], -0.7, 1.5);
    expect(Object.keys(found)).toContain("inBorough[2016,Queens]");
  });

  test("mixture", async () => {
    const found = await posterior(mixture, example("mixture.csv"), { steps: 2000 });
    expectNear(found["share[low]"], 0.35);
    expectNear(found["centre[low]"], -1.5);
    expectNear(found["centre[high]"], 2);
    expectNear(found["width[low]"], 0.5);
    expectNear(found["width[high]"], 0.8);
    expect(found["share[low]"].mean + found["share[high]"].mean).toBeCloseTo(1, 5);
  });
});

test("logistic regression: the posterior means are those of a sum over a fine grid", async () => {
  const lines = readFileSync(example("logistic.csv"), "utf8").trim().split("\n").slice(1);
  const launches = lines.map((line) => line.split(",").map(Number));
  const logJoint = (a: number, b: number) =>
    launches.reduce(
      (total, [temperature, y]) => {
        const l = a + (b * (temperature - 70)) / 10;
        return total + y * l - Math.log1p(Math.exp(l));
      },
      -(a * a + b * b) / 50,
    );
  const sums = [0, 0, 0];
  for (let a = -6; a <= 4; a += 0.05) {
    for (let b = -10; b <= 4; b += 0.05) {
      const weight = Math.exp(logJoint(a, b));
      [1, a, b].forEach((x, i) => {
        sums[i] += weight * x;
      });
    }
  }
  const found = await posterior(logistic, example("logistic.csv"), { method: "iwae", steps: 1500 });
  const { intercept, slope } = found;
  expect(Math.abs(intercept.mean - sums[1] / sums[0])).toBeLessThan(
    (4 * intercept.sd) / Math.sqrt(1000),
  );
  expect(Math.abs(slope.mean - sums[2] / sums[0])).toBeLessThan((4 * slope.sd) / Math.sqrt(1000));
});

describe("MovieLens", () => {
  const folder = mkdtempSync(join(tmpdir(), "surmise-examples-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const source = join(shared, "movielens/ml-100k");

  test.skipIf(!existsSync(source))("runs on the ratings themselves", async () => {
    const films = readFileSync(join(source, "u.item"), "latin1").trim().split("\n").slice(0, 8);
    const high = new Set(
      readFileSync(join(source, "u.data"), "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split("\t"))
        .filter(([, , stars]) => Number(stars) >= 4)
        .map(([user, film]) => `${user} ${film}`),
    );
    const rows = films.flatMap((line) => {
      const cells = line.split("|");
      const [action, comedy, drama] = [cells[6], cells[10], cells[13]];
      return Array.from({ length: 50 }, (_, user) => {
        const liked = Number(high.has(`${user + 1} ${cells[0]}`));
        return [user + 1, `"${cells[1]}"`, action, drama, comedy, liked].join(",");
      });
    });
    const data = join(folder, "ratings.csv");
    writeFileSync(data, `user,film,action,drama,comedy,liked\n${rows.join("\n")}\n`);
    const found = await posterior(movielens, data, {
      method: "mp",
      particles: 3,
      steps: 300,
      draws: 100,
    });
    expect(Object.keys(found)).toHaveLength(6 + 50 * 3);
    for (const { mean, sd } of Object.values(found)) {
      expect(Math.abs(mean)).toBeLessThan(5);
      expect(sd).toBeGreaterThan(0);
    }
  });
});
