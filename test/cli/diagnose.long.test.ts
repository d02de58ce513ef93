/** `surmise diagnose`: gradients at the parameters of a fit, by estimator. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { temporaryFolders } from "../runs/folders.ts";
import { project } from "./schools.ts";
import { session } from "./session.ts";

const newFolder = temporaryFolders();
const { run: surmise, end } = session();
afterAll(end);

/** The schools, fitted by a method. */
async function fitted(...words: readonly string[]) {
  const { fit, out } = project(newFolder());
  const { code, stderr } = await surmise([...fit, "--draws", "50", ...words]);
  expect(code, stderr).toBe(0);
  return out;
}

test("a row for each parameter and estimator, and a page; the path derivative spreads less", async () => {
  const out = await fitted("--method", "fullcov", "--steps", "200");
  const words = ["--gradients", "total,path,score", "--draws", "200"];
  const { code, stdout, stderr } = await surmise(["diagnose", out, ...words]);
  expect([code, stderr]).toEqual([0, ""]);
  const [head] = stdout.split("\n");
  expect(head).toMatch(/^parameter +gradient +norm of mean +variance +mean norm +cosine$/);
  const variance = (gradient: string) =>
    Array.from(
      stdout.matchAll(new RegExp(`^\\S+ +${gradient} +\\S+ +(\\S+) `, "gm")),
      ([, found]) => Number(found),
    );
  const [total, path, score] = ["total", "path", "score"].map(variance);
  expect(total.length).toBeGreaterThan(1);
  expect([path.length, score.length]).toEqual([total.length, total.length]);
  const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
  expect(sum(path)).toBeLessThan(sum(total));
  expect(sum(total)).toBeLessThan(sum(score));
  const page = readFileSync(join(out, "gradients.html"), "utf8");
  expect(page).toContain("Variance of the gradient of each element");
});

test("what has no gradient, or no such estimator, is refused", async () => {
  const chains = await fitted("--method", "nuts", "--warmup", "50");
  const none = await surmise(["diagnose", chains]);
  expect([none.code, none.stdout]).toEqual([2, ""]);
  expect(none.stderr).toContain(`'${chains}' holds no fit of a guide to a model file`);
  const unknown = await surmise(["diagnose", chains, "--gradients", "total,paths"]);
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    expect.stringContaining("--gradients: there is no 'paths'; choose among total, path"),
  ]);
  const few = await surmise(["diagnose", chains, "--draws", "1"]);
  expect([few.code, few.stderr]).toEqual([2, expect.stringContaining("--draws")]);
  const nothing = await surmise(["diagnose", newFolder()]);
  expect([nothing.code, nothing.stdout]).toEqual([2, ""]);
});
