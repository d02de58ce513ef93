/** Inputs as they should not be: each is refused by one message, soon, and without a stack. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { columnsOf, parseTable } from "../../src/data/index.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { session } from "../cli/session.ts";
import { temporaryFolders } from "../runs/folders.ts";
import { IMAGES } from "./images.ts";
import { MODELS } from "./models.ts";
import { OPTIONS } from "./options.ts";
import { TABLES } from "./tables.ts";

const newFolder = temporaryFolders();
const commands = session();
afterAll(() => commands.end());

/** No refusal takes longer, in seconds; so long that only what hangs meets it. */
const LONGEST = 60;
const FEW = ["--steps", "5", "--record-every", "5"];
const IMAGES_FEW = ["--hidden", "4", "--latents", "2", "--batch", "5", "--nll-draws", "2"];

/** Runs a command line that must be refused. */
async function refuse(words: readonly string[], says: RegExp, out: string) {
  const { code, stdout, stderr } = await commands.run(words);
  expect(stderr).toMatch(says);
  expect(code, stderr).toBe(2);
  expect(stderr).not.toMatch(
    /fault of surmise|^ +at |\bundefined is not|\[object|is not a function\n?$/m,
  );
  expect(
    stderr
      .trim()
      .split("\n")
      .filter((line) => line.startsWith("surmise:")),
  ).toHaveLength(1);
  expect(stdout).toBe("");
  expect(existsSync(join(out, "result.json"))).toBe(false);
}

test("there are 200 and more", () => {
  expect(TABLES.length + IMAGES.length + MODELS.length + OPTIONS.length).toBeGreaterThan(200);
});

describe("tables", () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  test.each(TABLES.map((each) => [each.what, each] as const))(
    "%s",
    async (_, { name, content, says, use }) => {
      const read = async () => {
        const columns = columnsOf(await parseTable(content, name));
        return use === undefined ? columns.column("y") : use(columns);
      };
      const error = await read().then(
        (value) => `taken: ${value}`,
        (reason) => reason,
      );
      expect(error).toBeInstanceOf(SurmiseError);
      expect(error.message).toMatch(says);
    },
  );
});

describe("images", () => {
  test.each(IMAGES.map((each) => [each.what, each] as const))(
    "%s",
    async (_, { name, content, says, words = [] }) => {
      const folder = newFolder();
      const [data, out] = [join(folder, name), join(folder, "run")];
      writeFileSync(data, content);
      await refuse(
        ["fit", "vae", "--data", data, "--out", out, ...IMAGES_FEW, ...FEW, ...words],
        says,
        out,
      );
    },
    1000 * LONGEST,
  );
});

describe("models", () => {
  test.each(MODELS.map((each) => [each.what, each] as const))(
    "%s",
    async (_, { source, says, files = {}, name = "model.ts", words = [] }) => {
      const folder = newFolder();
      const out = join(folder, "run");
      for (const [file, content] of Object.entries({ ...files, [name]: source })) {
        mkdirSync(join(folder, file, ".."), { recursive: true });
        writeFileSync(join(folder, file), content);
      }
      await refuse(["fit", join(folder, name), "--out", out, ...FEW, ...words], says, out);
    },
    1000 * LONGEST,
  );
});

describe("options", () => {
  const folder = newFolder();
  const paths: Readonly<Record<string, string>> = {
    MODEL: join(folder, "model.ts"),
    OUT: join(folder, "run"),
    FOLDER: folder,
  };
  writeFileSync(
    paths.MODEL,
    'import { model, normal } from "surmise";\nexport default model(({ sample }) => { sample("z", normal(0, 1)); });',
  );
  test.each(OPTIONS.map(({ words, says }) => [words.join(" "), words, says] as const))(
    "%s",
    async (_, words, says) => {
      await refuse(
        words.map((word) => (Object.hasOwn(paths, word) ? paths[word] : word)),
        says,
        paths.OUT,
      );
    },
    1000 * LONGEST,
  );
});
