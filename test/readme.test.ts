/** Every TypeScript example of the README and of docs/library.md compiles and runs, and the commands of the README do. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(root, "test", ".readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(join(root, "README.md"), "utf8");
const pages = { README: readme, library: readFileSync(join(root, "docs/library.md"), "utf8") };
const files = Object.entries(pages).flatMap(([page, text]) =>
  [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code], i) => {
    const file = join(folder, `${page}${i}.ts`);
    const here = code.replaceAll(/from "surmise(\/problems)?"/g, 'from "../../src$1/index.ts"');
    writeFileSync(file, here);
    return file;
  }),
);

const run = (...args: string[]) =>
  execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
const tsx = import.meta.resolve("tsx");
const surmise = (words: readonly string[]) =>
  execFileSync(process.execPath, ["--import", tsx, join(root, "src/cli/main.ts"), ...words], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });

describe("the examples", () => {
  test("there are some, and they have the right types", () => {
    expect(files.map((file) => basename(file, ".ts"))).toEqual([
      ...["README0", "README1", "library0", "library1", "library2", "library3"],
    ]);
    const config = join(folder, "tsconfig.json");
    writeFileSync(config, JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"] }));
    run(join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", config);
  });

  test.each(files.map((file) => basename(file, ".ts")))(
    "%s runs",
    (name) => {
      expect(run("--import", tsx, join(folder, `${name}.ts`))).not.toBe("");
    },
    60_000,
  );

  test("the model file is fitted by the command beside it, with the table shown", () => {
    const [, source] = readme.match(/```ts model\n(.*?)```/s) ?? [];
    const [, command] = readme.match(/```sh fit\nnpx surmise (.*?)\n```/s) ?? [];
    writeFileSync(join(folder, "schools.ts"), source);
    const words = command.replace("node_modules/surmise", root).split(" ");
    const shown = surmise(words);
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
