/** The examples, fitted as the command does it, against what is known of their posteriors. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import buses from "../examples/buses.ts";
import calls from "../examples/calls.ts";
import eightSchools from "../examples/eightSchools.ts";
import logistic from "../examples/logistic.ts";
import mixture from "../examples/mixture.ts";
import movielens from "../examples/movielens.ts";
import nile from "../examples/nile.ts";
import radon from "../examples/radon.ts";
import { columnsOf, readTable } from "../src/data/index.ts";
import { nameOf, type Summary, summarise } from "../src/inference/index.ts";
import type { Model } from "../src/model/index.ts";
import type { ModelSettings } from "../src/problems/index.ts";

import { kalman } from "./inference/series.ts";
import { tableRun } from "./problems/runs.ts";

const shared = process.env.SURMISE_DATA ?? "";
const example = (file: string) => resolve(import.meta.dirname, "../examples", file);

/** The posterior of a model on a table, by the names of its elements. */
async function posterior<Data>(
  model: Model<Data, unknown>,
  data: string,
  settings: Partial<ModelSettings>,
): Promise<Readonly<Record<string, Summary>>> {
  const table = columnsOf(await readTable(data));
  const run = tableRun(model as Model<never, unknown>, table, { data, seed: 1, ...settings });
  await run.train();
  return Object.fromEntries(summarise(run.posterior()).map((row) => [nameOf(row), row]));
}

/** The numbers of a column of an example's table. */
function numbers(file: string, column: string): number[] {
  const [names, ...rows] = readFileSync(example(file), "utf8").trim().split("\n");
  const at = names.split(",").indexOf(column);
  return rows.map((row) => Number(row.split(",")[at]));
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
    expect(found["z[40,comedy]"].ess).toBeGreaterThan(40);
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

describe("calls", () => {
  const seen = numbers("calls.csv", "calls");

  /** The probability that each day is busy, by the forward and the backward recursion. */
  function busyDays(move: number[][], rate: number[]): number[] {
    const density = (y: number, k: number) => Math.exp(y * Math.log(rate[k]) - rate[k]);
    const normalised = (x: number[]) => x.map((each) => each / (x[0] + x[1]));
    let alpha = [1, 0];
    const forward = seen.map((y) => {
      alpha = normalised(
        [0, 1].map((k) => (alpha[0] * move[0][k] + alpha[1] * move[1][k]) * density(y, k)),
      );
      return alpha;
    });
    let beta = [1, 1];
    return seen
      .map((_, t) => {
        const day = seen.length - 1 - t;
        const both = normalised([forward[day][0] * beta[0], forward[day][1] * beta[1]]);
        beta = normalised(
          [0, 1].map((j) =>
            [0, 1].reduce((sum, k) => sum + move[j][k] * density(seen[day], k) * beta[k], 0),
          ),
        );
        return both[1];
      })
      .reverse();
  }

  test("are what they were made from, and days what the recursions make of them", async () => {
    const found = await posterior(calls, example("calls.csv"), { method: "rws", steps: 3000 });
    expectNear(found["move[quiet,quiet]"], 0.9);
    expectNear(found["move[busy,busy]"], 0.8);
    expectNear(found["rate[quiet]"], 3);
    expectNear(found["rate[busy]"], 9);
    expect(found["rate[busy]"].ess).toBeGreaterThan(300);
    const mean = (name: string) => found[name].mean;
    const kinds = ["quiet", "busy"];
    const move = kinds.map((from) => kinds.map((to) => mean(`move[${from},${to}]`)));
    const expected = busyDays(
      move,
      kinds.map((kind) => mean(`rate[${kind}]`)),
    );
    // At the means of rates and moves, not over all that they can be.
    expected.forEach((p, t) => {
      expect(Math.abs(mean(`busy[${t + 1}]`) - p), `day ${t + 1}`).toBeLessThan(0.1);
    });
  });
});

describe("the Nile", () => {
  const flow = numbers("nile.csv", "flow");

  /** Means and sds over a grid of drift and noise, of these and of the levels, with the evidence. */
  function overGrid() {
    const step = 0.05;
    const cells: { logWeight: number; values: number[]; variances: number[] }[] = [];
    for (let logDrift = 0; logDrift < 6.2; logDrift += step) {
      for (let logNoise = 4; logNoise < 5.6; logNoise += step) {
        const [drift, noise] = [Math.exp(logDrift), Math.exp(logNoise)];
        const { logEvidence, smoothed } = kalman({
          seen: flow.map((y) => (y - 1000) / noise),
          keep: 1,
          step: drift / noise,
          start: Math.hypot(300, drift) / noise,
        });
        const halfNormals = Math.log(2 / (Math.PI * 100 * 200));
        const prior = halfNormals - 0.5 * ((drift / 100) ** 2 + (noise / 200) ** 2);
        const logWeight =
          logEvidence - flow.length * logNoise + prior + logDrift + logNoise + 2 * Math.log(step);
        const levels = smoothed.map(({ mean }) => 1000 + noise * mean);
        const spreads = smoothed.map(({ variance }) => noise ** 2 * variance);
        cells.push({ logWeight, values: [drift, noise, ...levels], variances: [0, 0, ...spreads] });
      }
    }
    const most = Math.max(...cells.map(({ logWeight }) => logWeight));
    const weights = cells.map(({ logWeight }) => Math.exp(logWeight - most));
    const total = weights.reduce((a, b) => a + b);
    const average = (f: (cell: (typeof cells)[number]) => number) =>
      cells.reduce((sum, cell, i) => sum + weights[i] * f(cell), 0) / total;
    const quantities = cells[0].values.map((_, i) => {
      const mean = average(({ values }) => values[i]);
      const square = average(({ values, variances }) => values[i] ** 2 + variances[i]);
      return { mean, sd: Math.sqrt(square - mean ** 2) };
    });
    return { quantities, logEvidence: most + Math.log(total) };
  }

  test("has the posterior of Kalman's smoother over a grid of drift and noise", async () => {
    // The table of Cobb (1978): its mean and standard deviation are known.
    const average = flow.reduce((a, b) => a + b) / 100;
    const squares = flow.reduce((sum, y) => sum + (y - average) ** 2, 0);
    expect(flow).toHaveLength(100);
    expect(average).toBeCloseTo(919.35, 8);
    expect(Math.sqrt(squares / 99)).toBeCloseTo(169.2275, 4);
    const { quantities, logEvidence } = overGrid();
    const table = columnsOf(await readTable(example("nile.csv")));
    const run = tableRun(nile as Model<never, unknown>, table, { method: "iwae" });
    await run.train();
    const found = run.posterior();
    const rows = summarise(found);
    const named = ["drift", "noise", ...flow.map((_, t) => `level[${1871 + t}]`)];
    for (const [i, name] of named.entries()) {
      const row = rows.find((each) => nameOf(each) === name) as Summary;
      const { mean, sd } = quantities[i];
      // 1000 draws from 100 sets of 100 particles, whose weights have a bias of about 1/ESS of a set.
      expect(Math.abs(row.mean - mean) / sd, name).toBeLessThan(0.2);
      expect(Math.abs(row.sd / sd - 1), name).toBeLessThan(0.2);
    }
    expect(found.logEvidence).toBeLessThan(logEvidence);
    expect(found.logEvidence).toBeGreaterThan(logEvidence - 0.6);
  });
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

test("the service answers a table by quantiles, and a wrong one by what is wrong", async () => {
  const service = spawn(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), example("service.ts")],
    { env: { ...process.env, PORT: "0" }, stdio: ["ignore", "pipe", "inherit"] },
  );
  try {
    const [line] = await once(service.stdout, "data");
    const [, port] = /listening on (\d+)/.exec(String(line)) ?? [];
    const ask = (table: object) =>
      fetch(`http://localhost:${port}`, { method: "POST", body: JSON.stringify(table) });
    const found = await ask({ group: ["a", "a", "b"], n: [20, 25, 300], hits: [3, 1, 40] });
    const [low, , high] = (await found.json())["rate[b]"];
    // 40 of 300.
    expect([low < 40 / 300, high > 40 / 300, high - low < 0.1]).toEqual([true, true, true]);
    const wrong = await ask({ group: ["a"], n: [20], hits: [21] });
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining("'hits'")]);
  } finally {
    service.kill();
  }
}, 120_000);
