/** Every example of docs/checking-a-model.md runs, in its order, and those of the README; Python where one with ArviZ is named. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { surmise } from "../cli/command.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(root, "test", ".checking-"));
afterAll(() => rmSync(folder, { recursive: true }));
const page = readFileSync(join(root, "docs/checking-a-model.md"), "utf8");
const blocks = (kind: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${kind}\\n(.*?)\`\`\``, "gs"))].map(([, code]) => code);

mkdirSync(join(folder, "runs"));
writeFileSync(join(folder, "schools.ts"), blocks("ts model")[0]);
writeFileSync(join(folder, "newSchools.csv"), blocks("csv")[0]);
const placed = (word: string) => {
  if (word === "eightSchools.csv") return join(root, "examples", word);
  const isThere = /^(runs\/.*|schools\.ts|newSchools\.csv|predicted\.csv)$/.test(word);
  return isThere ? join(folder, word) : word;
};
const commands = blocks("sh").flatMap((block) => block.trim().split("\n"));

test("there are commands of all kinds", () => {
  const words = commands.map((line) => line.split(" ")[2]);
  expect(words).toEqual(["check", "fit", "fit", "compare", "predict"]);
});

test.each(commands)(
  "%s",
  async (line) => {
    const { code, stdout, stderr } = await surmise(line.split(" ").slice(2).map(placed));
    expect([code, stdout.length > 100], stderr).toEqual([0, true]);
  },
  120_000,
);

test("the commands of the README run one after the other", async () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, block] = readme.match(/```sh after\n(.*?)```/s) ?? [];
  const [copy, ...after] = block.trim().split("\n");
  expect(copy).toBe("cp node_modules/surmise/examples/eightSchools.csv .");
  for (const line of after) {
    const [command] = line.split(" #");
    const words = command.trim().split(" ").slice(2).map(placed);
    const { code, stdout, stderr } = await surmise(words);
    expect([code, stderr], line).toEqual([0, expect.any(String)]);
    expect(stdout, line).toMatch(/effect|elpd/);
  }
}, 240_000);

test("the program", () => {
  const [code] = blocks("ts run");
  const file = join(folder, "checking.ts");
  writeFileSync(file, code.replaceAll('from "surmise"', 'from "../../src/index.ts"'));
  const out = execFileSync(process.execPath, ["--import", "tsx", file], { cwd: root });
  expect(String(out)).toMatch(
    /^mean 0\.\d\d\nsd 0\.\d\d\n[\s\S]*(some|hardly) -\d\.\d\d ± \d\.\d\d\n$/,
  );
});

const [python] = (process.env.SURMISE_PYTHON ?? "").split(delimiter);

test.runIf(python)(
  "the program in Python",
  () => {
    const [code] = blocks("python");
    const quiet = `import matplotlib; matplotlib.use("Agg")\n${code}`;
    const out = String(execFileSync(python, ["-c", quiet], { cwd: folder }));
    expect(out).toMatch(/^mean +4\.\d/m);
    expect(out).toMatch(/^elpd_loo +-30\.\d\d +1\.\d\d$/m);
  },
  120_000,
);
