/** Draws in every format of files, read back. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, expect, test } from "vitest";
import { type DrawsToSave, FORMATS } from "../../src/runs/index.ts";
import { axis } from "../../src/tensor/index.ts";
import { readParquet } from "./parquetFiles.ts";
import { readZarr } from "./zarrFiles.ts";

const folder = mkdtempSync(join(tmpdir(), "surmise-outputs-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

const school = axis("school", 3, ["Hill, East", "Köln", "Z"]);
const item = axis("item", 2);
const [chains, each] = [2, 5];
const count = chains * each;
const numbers = (size: number, of: (d: number, i: number) => number) =>
  Float64Array.from({ length: count * size }, (_, k) => of(Math.floor(k / size), k % size));
const statistic = (of: (d: number) => number) => numbers(1, of);

const DRAWS: DrawsToSave = {
  draws: count,
  chains,
  sites: {
    mean: { kind: "latent", axes: [], data: numbers(1, (d) => d / 3) },
    theta: { kind: "latent", axes: [school, item], data: numbers(6, (d, i) => 100 * d + i / 7) },
    school: { kind: "deterministic", axes: [], data: numbers(1, (d) => (d === 3 ? NaN : -d)) },
  },
  statistics: {
    logDensity: statistic((d) => -d - 0.5),
    energy: statistic((d) => d + 0.25),
    acceptance: statistic(() => 0.75),
    stepSize: statistic((d) => (d < each ? 0.5 : 0.25)),
    leapfrogs: statistic((d) => 2 * d + 1),
    depth: statistic(() => 3),
    diverging: statistic((d) => (d === 7 ? 1 : 0)),
  },
  observed: { y: { axes: [school], data: Float64Array.of(1.5, 2.5, -3) } },
  attributes: { inference_library: "surmise" },
};

const theta = (d: number, i: number) => 100 * d + i / 7;

test("parquet: a column for each element", async () => {
  await FORMATS.parquet.write(at("draws.parquet"), DRAWS);
  const rows = await readParquet(at("draws.parquet"));
  expect(rows.length).toBe(count);
  expect(Object.keys(rows[0]).slice(0, 5)).toEqual([
    ...[".chain", ".draw", "mean", "theta[Hill, East,0]", "theta[Hill, East,1]"],
  ]);
  rows.forEach((row, d) => {
    const places = [Math.floor(d / each) + 1, (d % each) + 1];
    expect([row[".chain"], row[".draw"]].map(Number)).toEqual(places);
    expect([row.mean, row["theta[Z,0]"]]).toEqual([d / 3, theta(d, 4)]);
  });
});

test("csv: the same table", async () => {
  await FORMATS.csv.write(at("draws.csv"), DRAWS);
  const rows = parse(readFileSync(at("draws.csv")), { columns: true }) as Record<string, string>[];
  expect(rows.length).toBe(count);
  rows.forEach((row, d) => {
    expect(Number(row["theta[Hill, East,1]"])).toBe(theta(d, 1));
    expect(row[".chain"]).toBe(String(Math.floor(d / each) + 1));
  });
  expect(rows[3].school).toBe("NaN");
});

test("zarr: groups, dimensions and coordinates as ArviZ has them", async () => {
  const shares: number[] = [];
  await FORMATS.zarr.write(at("posterior.zarr"), DRAWS, (share) => shares.push(share));
  expect(shares.at(-1)).toBe(1);
  const array = (path: string) => readZarr(at("posterior.zarr"), path);
  const found = await array("posterior/theta");
  // A site has the name 'school' too, so the dimension gets another.
  expect(found.dimensions).toEqual(["chain", "draw", "school_2", "item"]);
  expect(found.shape).toEqual([chains, each, 3, 2]);
  expect(found.data).toEqual([...DRAWS.sites.theta.data]);
  expect((await array("posterior/mean")).data).toEqual([...DRAWS.sites.mean.data]);
  expect((await array("posterior/school_2")).data).toEqual(school.labels);
  expect((await array("posterior/draw")).data).toEqual([0n, 1n, 2n, 3n, 4n]);
  expect((await array("sample_stats/tree_depth")).data).toEqual(Array(count).fill(3n));
  const diverging = (await array("sample_stats/diverging")).data.map(Number);
  expect(diverging.indexOf(1)).toBe(7);
  expect(await array("observed_data/y")).toEqual({
    dimensions: ["school_2"],
    shape: [3],
    data: [1.5, 2.5, -3],
  });
});

test("whole numbers are int64: draws of kinds and counts, observations of them; what the model took is constant_data", async () => {
  const kinds = { kind: "latent" as const, axes: [item], data: numbers(2, (d, i) => (d + i) % 3) };
  const gaps = { ...kinds, data: numbers(2, (d) => (d === 0 ? NaN : d)) };
  const draws: DrawsToSave = {
    ...{
      draws: count,
      chains,
      sites: { kinds: { ...kinds, whole: true }, gaps: { ...gaps, whole: true } },
    },
    observed: { n: { axes: [school], data: Float64Array.of(1, 2, 3), whole: true } },
    constant: {
      error: { axes: [school], data: Float64Array.of(15, 10, 16) },
      school: { axes: [item], data: Float64Array.of(2, 0), whole: true },
    },
  };
  await FORMATS.zarr.write(at("whole.zarr"), draws);
  const array = (path: string) => readZarr(at("whole.zarr"), path);
  expect((await array("posterior/kinds")).data).toEqual([...kinds.data].map(BigInt));
  expect((await array("posterior/gaps")).data).toEqual([...gaps.data]);
  expect((await array("observed_data/n")).data).toEqual([1n, 2n, 3n]);
  expect(await array("constant_data/error")).toMatchObject({
    dimensions: ["school"],
    data: [15, 10, 16],
  });
  // A dimension has the name.
  expect(await array("constant_data/school_2")).toMatchObject({
    dimensions: ["item"],
    data: [2n, 0n],
  });
  await FORMATS.parquet.write(at("whole.parquet"), draws);
  const rows = await readParquet(at("whole.parquet"));
  expect([rows[3][".draw"], rows[3]["kinds[1]"], rows[3]["gaps[1]"]]).toEqual([4n, 1n, 3]);
});

test("zarr: predictions and log likelihoods of every other draw, in groups of their own", async () => {
  const half = (data: Float64Array) => ({
    draws: 6,
    chains,
    thin: 2,
    sites: { y: { kind: "observed" as const, axes: [school], data } },
  });
  const [y, nats] = [Float64Array.from({ length: 18 }, (_, k) => k), new Float64Array(18).fill(-1)];
  await FORMATS.zarr.write(at("predicted.zarr"), {
    ...DRAWS,
    predictive: half(y),
    logLikelihood: half(nats),
  });
  const array = (path: string) => readZarr(at("predicted.zarr"), path);
  expect(await array("posterior_predictive/y")).toEqual({
    dimensions: ["chain", "draw", "school_2"],
    shape: [2, 3, 3],
    data: [...y],
  });
  expect((await array("posterior_predictive/draw")).data).toEqual([0n, 2n, 4n]);
  expect((await array("posterior_predictive/school_2")).data).toEqual(school.labels);
  expect((await array("log_likelihood/y")).data).toEqual([...nats]);
});

test("zarr: a variable that is larger than a chunk lies in several", async () => {
  const wide = axis("wide", 700_000);
  const draws = 3;
  const data = Float64Array.from({ length: draws * wide.size }, (_, i) => i);
  await FORMATS.zarr.write(at("wide.zarr"), {
    draws,
    sites: { x: { kind: "latent", axes: [wide], data } },
  });
  expect(readdirSync(at("wide.zarr/posterior/x")).sort()).toEqual([
    ...[".zarray", ".zattrs", "0.0.0", "0.1.0", "0.2.0"],
  ]);
  const found = await readZarr(at("wide.zarr"), "posterior/x");
  expect(found.data.length).toBe(draws * wide.size);
  expect(found.data.every((x, i) => x === i)).toBe(true);
});

test("Stan CSV: a file for each chain, the first axis fastest", async () => {
  await FORMATS.stan.write(at("stan"), DRAWS);
  expect(readdirSync(at("stan")).sort()).toEqual(["chain-1.csv", "chain-2.csv"]);
  const text = readFileSync(at("stan/chain-2.csv"), "utf8");
  expect(text).toContain("#     num_samples = 5\n");
  expect(text).toContain("# Step size = 0.25\n");
  const rows = parse(text, { columns: true, comment: "#" }) as Record<string, string>[];
  expect(Object.keys(rows[0])).toEqual([
    ...["lp__", "accept_stat__", "stepsize__", "treedepth__", "n_leapfrog__", "divergent__"],
    ...["energy__", "mean", "theta.1.1", "theta.2.1", "theta.3.1", "theta.1.2", "theta.2.2"],
    ...["theta.3.2", "school"],
  ]);
  rows.forEach((row, i) => {
    expect(Number(row.lp__)).toBe(-(each + i) - 0.5);
    expect(Number(row["theta.3.1"])).toBe(theta(each + i, 4));
    expect(row.divergent__).toBe(i === 2 ? "1" : "0");
  });
});

test("Stan CSV is refused for draws that are not of chains", () => {
  const { chains: _, statistics: __, ...independent } = DRAWS;
  expect(() => FORMATS.stan.write(at("no"), independent)).toThrow(/choose a sampler/);
});
