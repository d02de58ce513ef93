/** Every TypeScript example of the README compiles and runs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(root, "test", ".readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)];
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
  });

  test.each(files.map((_, i) => i))(
    "example %i runs",
    (i) => {
      expect(run("--import", "tsx", files[i])).not.toBe("");
    },
    60_000,
  );

  test("the model file is fitted by the command beside it, with the table shown", () => {
    const [, source] = readme.match(/```ts model\n(.*?)```/s) ?? [];
    const [, command] = readme.match(/```sh fit\nnpx surmise (.*?)\n```/s) ?? [];
    writeFileSync(join(folder, "schools.ts"), source);
    const words = command.replace("node_modules/surmise", root).split(" ");
    const main = join(root, "src/cli/main.ts");
    const args = ["--import", import.meta.resolve("tsx"), main, ...words];
    const shown = execFileSync(process.execPath, args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [, table] = readme.match(/```\n[^`]*?\n( +mean +sd.*?)```/s) ?? [];
    const names = (text: string) => text.split("\n").map((line) => line.split(/ {2,}/)[0]);
    const [head] = shown.match(/^ +mean.*$/m) ?? [];
    expect(head?.trim().split(/ {2,}/)).toEqual([
      ...["mean", "sd", "5%", "95%", "ESS", "tail ESS", "R-hat"],
    ]);
    for (const name of names(table).filter((each) => !/^(\.\.\.|─+)$/.test(each))) {
      expect(names(shown)).toContain(name);
    }
  });
});
