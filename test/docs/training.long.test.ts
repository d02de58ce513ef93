/** The program of docs/training.md has the right types and runs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(root, "test", ".training-"));
afterAll(() => rmSync(folder, { recursive: true }));
const page = readFileSync(join(root, "docs/training.md"), "utf8");
const program = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code).join("\n");

test("the program", () => {
  const file = join(folder, "training.ts");
  const entry = (name: string) => `"../../src${name}/index.ts"`;
  writeFileSync(
    file,
    program.replace(/"surmise(\/\w+)?"/g, (_, name: string = "") => entry(name)),
  );
  const config = join(folder, "tsconfig.json");
  writeFileSync(config, JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"] }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--noEmit", "-p", config], { stdio: "inherit" });
  const tsx = import.meta.resolve("tsx");
  const out = String(execFileSync(process.execPath, ["--import", tsx, file], { cwd: folder }));
  const bounds = [...out.matchAll(/^\d+ (-[\d.]+)$/gm)].map(([, bound]) => Number(bound));
  expect(bounds.at(-1)).toBeGreaterThan(bounds[0] + 50);
  const nll = Number(out.match(/NLL ([\d.]+)/)?.[1]);
  expect(nll).toBeLessThan(300);
  for (const name of ["wakeSleep", "vcd", "flow"])
    expect(out).toMatch(new RegExp(`^${name} `, "m"));
});
