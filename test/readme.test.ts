/** Every TypeScript example of the README compiles and runs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(root, "test", ".readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

const blocks = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)];
const files = blocks.map(([, code], i) => {
  const file = join(folder, `example${i}.ts`);
  writeFileSync(file, code.replaceAll('from "surmise"', 'from "../../src/index.ts"'));
  return file;
});

const run = (...args: string[]) =>
  execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" });

describe("the examples of the README", () => {
  test("there are some, and they have the right types", () => {
    expect(files.length).toBeGreaterThan(1);
    const config = join(folder, "tsconfig.json");
    writeFileSync(config, JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"] }));
    run(join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", config);
  }, 60_000);

  test.each(files.map((_, i) => i))(
    "example %i runs",
    (i) => {
      expect(run("--import", "tsx", files[i])).not.toBe("");
    },
    60_000,
  );
});
