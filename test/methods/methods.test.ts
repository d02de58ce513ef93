/** What the measurement of methods says of rows, and that its page has all methods. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { METHODS } from "../../src/inference/index.ts";
import { MEASURED, measure, type Row, references } from "./measure.ts";
import { MODELS } from "./models.ts";
import { methodTable, PAGE } from "./page.ts";
import { addRow, readRows } from "./rows.ts";
import { countTable, errorTable } from "./table.ts";
import { verdictOf } from "./verdicts.ts";

const row = (more: Partial<Row>): Row => ({ model: "m", method: "vi", seconds: 1, ...more });

describe("a verdict", () => {
  test.each<[string | undefined, Partial<Row>]>([
    ["right", { error: 0.05, ratios: [0.95, 1.05], overAllowed: 0.5 }],
    ["falseAlarm", { error: 0.05, ratios: [0.95, 1.05], overAllowed: 0.5, warnings: ["k-hat"] }],
    ["rough", { error: 0.3, ratios: [0.8, 1], overAllowed: 2 }],
    ["silent", { error: 0.6, ratios: [0.8, 1], overAllowed: 4 }],
    ["silent", { error: 0.1, ratios: [0.4, 1], overAllowed: 4 }],
    ["warned", { error: 0.6, ratios: [0.8, 1], overAllowed: 4, warnings: ["k-hat"] }],
    ["silent", { error: Number.NaN, ratios: [1, 1], overAllowed: Number.NaN }],
    ["refused", { refusal: "no maximum" }],
    [undefined, { error: 3 }],
  ])("%s", (verdict, of) => {
    expect(verdictOf(row(of))).toBe(verdict);
  });
});

test("rows are kept in a folder, the last of a method on a model", () => {
  const folder = mkdtempSync(join(tmpdir(), "surmise-methods-"));
  const first = row({ error: 1, ratios: [1, 1], overAllowed: 1 });
  const last = { ...first, error: Number.NaN, kHat: Number.POSITIVE_INFINITY };
  for (const each of [first, row({ model: "other", refusal: "no" }), last]) addRow(folder, each);
  expect(readRows(folder)).toEqual([last, row({ model: "other", refusal: "no" })]);
  rmSync(folder, { recursive: true });
});

test("every model has known moments, and is measured as asked", async () => {
  const known = references();
  for (const [name, { moments = known[name] }] of Object.entries(MODELS)) {
    expect(Object.keys(moments ?? {}).length, name).toBeGreaterThan(0);
  }
  const measured = await measure("normal mean", MODELS["normal mean"], "laplace");
  expect(verdictOf(measured)).toBe("right");
  expect(errorTable([measured])).toContain("| normal mean | 0.");
  expect(countTable([measured])).toContain("| `laplace` | 1 | 0 | 0 | 0 | 0 | 0 |");
});

test("the page lists all methods, and what was measured of them", () => {
  const page = readFileSync(PAGE, "utf8");
  expect(page).toContain(methodTable());
  for (const method of MEASURED) expect(page).toContain(`\n| \`${method}\` | `);
  for (const method of Object.keys(METHODS)) expect(page).toContain(`\`${method}\``);
});
