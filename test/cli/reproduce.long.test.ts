import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { surmise } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "surmise-reproduce-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { SURMISE_DATA } = process.env;

test.each([
  ["mprw", "Allowed choices are aevb, mprws"],
  ["mprws trains", "its experiments are movielens, bus, methods, timeseries"],
  ["mprws --budget none", "Allowed choices are smoke, short, full"],
  ["mprws bus", 'put the files into a folder "bus/minutes_3x3x30"'],
])("reproduce %s: %s", async (args, message) => {
  const { code, stdout, stderr } = await surmise(["reproduce", ...args.split(" ")]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
});

test("reproduce mprws timeseries: needs no data, and tells the exact answer", async () => {
  const args = ["reproduce", "mprws", "timeseries", "--out", join(folder, "timeseries")];
  const { code, stdout, stderr } = await surmise([...args, "--json"]);
  expect(code, stderr).toBe(0);
  const { rows, ending } = JSON.parse(stdout);
  expect([ending, rows.length]).toEqual(["finished", 12]);
  const table = await surmise(args);
  for (const { particles, runs, bound, exact } of rows) {
    const value = `${bound.mean.toFixed(2)} ± ${bound.error.toFixed(2)}`;
    expect(table.stdout).toMatch(
      new RegExp(`${particles} +${runs} +${value} +${exact.toFixed(2)}`),
    );
  }
});

test("reproduce --workers: cells in processes of their own give the same numbers", async () => {
  const args = ["reproduce", "mprws", "timeseries", "--json"];
  const [alone, side] = await Promise.all([
    surmise([...args, "--out", join(folder, "timeseries")]),
    surmise([...args, "--out", join(folder, "workers"), "--workers", "2"]),
  ]);
  expect(side.code, side.stderr).toBe(0);
  expect(side.stderr).toContain("done: ");
  const bounds = ({ stdout }: typeof alone) =>
    JSON.parse(stdout).rows.map((row: { bound: unknown }) => row.bound);
  expect(bounds(side)).toEqual(bounds(alone));
});

test("reproduce --draw: what a folder holds, and nothing is run", async () => {
  const out = join(folder, "draw");
  const args = ["reproduce", "mprws", "timeseries", "--out", out];
  const nothing = await surmise([...args, "--draw"]);
  expect([nothing.code, nothing.stdout]).toEqual([2, ""]);
  expect(nothing.stderr).toContain(`'${out}' holds no cell of mprws yet`);
  const some = await surmise([...args, "--only", "tmc", "--json"]);
  expect(some.code, some.stderr).toBe(0);
  const { cells } = JSON.parse(some.stdout);
  const drawn = await surmise([...args, "--draw", "--json"]);
  expect(drawn.stderr).toMatch(
    new RegExp(`^${cells.length} of \\d+ cells; to go on: surmise reproduce`),
  );
  const told = JSON.parse(drawn.stdout);
  expect([drawn.code, told.ending, told.cells]).toEqual([0, "interrupted", cells]);
  expect(existsSync(told.report)).toBe(true);
});

test.each(["aevb", "stl", "vcd", "mprws"])(
  "reproduce %s --draw asks for no data",
  async (paper) => {
    const { code, stderr } = await surmise(["reproduce", paper, "--draw", "--out", folder]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`holds no cell of ${paper} yet`)]);
  },
);

test("reproduce --hours: a line for each budget, and nothing is run", async () => {
  const out = join(folder, "hours");
  const told = await surmise(["reproduce", "mprws", "timeseries", "--hours", "--out", out]);
  expect(told.code, told.stderr).toBe(0);
  expect(told.stdout).toMatch(/smoke +timeseries +\d+ +\d+ s\n/);
  expect(told.stdout).toMatch(/full +timeseries/);
  const none = await surmise(["reproduce", "mprws", "timeseries", "--hours", "--only", "nowhere"]);
  expect([none.code, none.stdout]).toEqual([2, ""]);
  expect(none.stderr).toMatch(/--only nowhere: none of the \d+ cells has this/);
  expect(existsSync(out)).toBe(false);
});

describe.runIf(SURMISE_DATA !== undefined)("reproduce mprws movielens", () => {
  const args = ["reproduce", "mprws", "movielens", "--out", join(folder, "movielens")];
  const env = { SURMISE_DATA: SURMISE_DATA! };

  test("runs its cells, then tells them again, as a table or as JSON", async () => {
    const table = await surmise(args, env);
    expect(table.code, table.stderr).toBe(0);
    const again = await surmise([...args, "--json"], env);
    const { rows, cells, ending } = JSON.parse(again.stdout);
    expect(ending).toBe("finished");
    expect(cells).toHaveLength(rows.length);
    for (const { predictive, particles } of rows) {
      expect(table.stdout).toMatch(new RegExp(`${particles} .*${predictive.mean.toFixed(2)}`));
    }
    expect(again.stdout.split("\n")).toHaveLength(2);
  });

  test("what is done is told and drawn without the data", async () => {
    const { rows } = JSON.parse((await surmise([...args, "--json"], env)).stdout);
    for (const more of [[], ["--draw"]]) {
      const told = await surmise([...args, "--json", ...more]);
      expect(told.code, told.stderr).toBe(0);
      expect(JSON.parse(told.stdout).rows).toEqual(rows);
    }
  });
});
