/** The commands of docs/papers.md are those that there are, and it leaves out no experiment. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PAPERS } from "../../src/papers/index.ts";
import { session } from "../cli/session.ts";
import { temporaryFolders } from "../runs/folders.ts";

const docs = resolve(import.meta.dirname, "../../docs");
const page = readFileSync(join(docs, "papers.md"), "utf8");
const commands = [...page.matchAll(/^npx surmise (reproduce .*?)\s*(#.*)?$/gm)].map(([, words]) =>
  words.split(" "),
);

const newFolder = temporaryFolders();
const { run: surmise, end } = session();
afterAll(end);

test.each(Object.entries(PAPERS))("%s: a command for each experiment", (name, { experiments }) => {
  const shown = commands.filter(([, paper]) => paper === name).map((words) => words[2]);
  expect([...new Set(shown)]).toEqual(expect.arrayContaining([...experiments]));
});

test("its pictures are there, and small", () => {
  const pictures = [...page.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)].map(([, file]) => file);
  expect(pictures).toHaveLength(5);
  for (const file of pictures) {
    expect(existsSync(join(docs, file))).toBe(true);
    expect(statSync(join(docs, file)).size).toBeLessThan(100_000);
  }
});

// What asks how long it takes measures it, and the cells of table2 would fetch MNIST.
const plain = commands.filter((words) => !words.includes("--hours") && !words.includes("table2"));
test.each([...new Set(plain.map((words) => words.join(" ")))])(
  "%s: is understood",
  async (words) => {
    const args = [...words.split(" "), "--draw", "--out", join(newFolder(), "study")];
    const { code, stderr } = await surmise(args);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/holds no cell of|put the files into a folder/),
    ]);
  },
);

test("the first figure of path derivatives runs", async () => {
  const args = ["reproduce", "stl", "fig1", "--out", join(newFolder(), "study")];
  const { code, stdout, stderr } = await surmise(args);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/ path +1 +\d/);
});
