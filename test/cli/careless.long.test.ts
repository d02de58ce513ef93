/** Careless users, and what becomes of their output and their patience. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { modelFiles } from "../../src/problems/index.ts";
import { idx } from "../data/fixtures.ts";
import { temporaryFolders } from "../runs/folders.ts";
import { begin } from "./command.ts";
import { session } from "./session.ts";

const newFolder = temporaryFolders();
const commands = session();
afterAll(() => commands.end());

/** A folder with these files, and the words that fit its `model.ts` a little. */
function project(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = newFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const out = join(folder, "run");
  const fit = `fit ${join(folder, "model.ts")} --steps 300 --draws 50 --out ${out}`.split(" ");
  return { folder, out, fit };
}

const LATENT = `import { model, normal } from "surmise";
import { constant } from "surmise/tensor";
`;
const MODEL = `${LATENT}
export default model(({ sample, observe }) => {
  observe("y", normal(sample("z", normal(0, 1)), 1), constant(3));
});
`;
const IMPORTING = `import { model, normal } from "surmise";
import { constant } from "surmise/tensor";
import { createRequire } from "node:module";
import { width } from "./lib/prior.ts";
const { shift } = createRequire(import.meta.url)("./old/shift.cjs");
export default model(({ sample, observe }) => {
  observe("y", normal(sample("z", normal(shift, width)), 1), constant(3));
});
`;

describe("a run goes on only with what it was begun with", () => {
  const files = {
    "model.ts": IMPORTING,
    "lib/prior.ts": 'export { width } from "./deep.ts";',
    "lib/deep.ts": "export const width: number = 1;",
    "old/shift.cjs": 'module.exports = { shift: require("./zero.cjs") };',
    "old/zero.cjs": "module.exports = 0;",
    "t.csv": "y\n1\n",
  };
  test.each([
    ["model.ts", `${IMPORTING}//`],
    ["lib/prior.ts", 'export { width } from "./deep.ts"; //'],
    ["lib/deep.ts", "export const width: number = 2;"],
    ["old/shift.cjs", 'module.exports = { shift: require("./zero.cjs") + 1 };'],
    ["old/zero.cjs", "module.exports = 1;"],
    ["t.csv", "y\n2\n"],
  ])("%s", async (name, content) => {
    const { folder, out, fit } = project(files);
    const begun = await commands.run([...fit, "--data", join(folder, "t.csv")]);
    expect(begun.code, begun.stderr).toBe(0);
    rmSync(modelFiles(out).result);
    writeFileSync(join(folder, name), content);
    const { code, stderr } = await commands.run(["fit", "--resume", out]);
    expect(stderr).toMatch(
      /^surmise: '.*' was not begun with what is here now \(changed: '[^',]*'\): .*\n$/,
    );
    expect(stderr).toContain(`${name}'`);
    expect(code).toBe(2);
    writeFileSync(join(folder, name), files[name as keyof typeof files]);
    expect((await commands.run(["fit", "--resume", out])).code).toBe(0);
  });

  test.each([
    ["the test images", 9, [20, 2, 2]],
    ["the training images", 0, [20, 2, 2]],
    ["the shape of the training images", -1, [20, 4, 1]],
  ] as const)("images: %s", async (what, image, shape) => {
    const pixels = Array.from({ length: 80 }, (_, i) => (i * 37) % 256);
    const { folder, out } = project({ "x-images-ubyte": idx([20, 2, 2], pixels) });
    const data = join(folder, "x-images-ubyte");
    const few = "--hidden 4 --latents 2 --batch 5 --steps 10 --record-every 5 --nll-draws 2";
    const begun = await commands.run([
      ..."fit vae --data".split(" "),
      data,
      ...few.split(" "),
      "--out",
      out,
    ]);
    expect(begun.code, begun.stderr).toBe(0);
    rmSync(modelFiles(out).result);
    if (image >= 0) pixels[4 * image] ^= 255;
    writeFileSync(data, idx(shape, pixels));
    const { code, stderr } = await commands.run(["fit", "--resume", out]);
    expect(stderr).toContain(`changed: ${what}`);
    expect(code).toBe(2);
  });
});

describe("output that leads nowhere", () => {
  const main = join(import.meta.dirname, "../../src/cli/main.ts");
  const start = (words: readonly string[], stdout: "pipe" | number) =>
    spawn(process.execPath, ["--import", import.meta.resolve("tsx"), main, ...words], {
      stdio: ["ignore", stdout, "pipe"],
    });
  const said = async (child: ReturnType<typeof start>) => {
    let text = "";
    child.stderr?.on("data", (part) => {
      text += part;
    });
    const [code] = await once(child, "close");
    return { code, text };
  };

  test("a closed pipe: the run finishes, without a word of it", async () => {
    const { fit, out } = project({ "model.ts": MODEL });
    const child = start(fit, "pipe");
    child.stdout?.destroy();
    const { code, text } = await said(child);
    expect(code).toBe(0);
    expect(text).not.toMatch(/EPIPE| at |surmise:/);
    expect(existsSync(modelFiles(out).result)).toBe(true);
  });

  test.runIf(existsSync("/dev/full"))("a full disk: the run finishes, and one line", async () => {
    const { fit, out } = project({ "model.ts": MODEL });
    const { code, text } = await said(start(fit, openSync("/dev/full", "w")));
    expect(code).toBe(2);
    expect(text.split("\n").filter((line) => line.startsWith("surmise:"))).toEqual([
      expect.stringMatching(/^surmise: cannot write to standard output \(ENOSPC/),
    ]);
    expect(existsSync(modelFiles(out).result)).toBe(true);
  });
});

describe("a model file that never comes to an end", () => {
  const sources = {
    "in the model": "export default () => { for (;;) {} };",
    "while it is loaded": "for (;;) {}",
    "in its guide": `${MODEL} export const guide = () => { for (;;) {} };`,
  };
  const kinds = Object.entries(sources).flatMap(([where, source]) =>
    (["SIGINT", "SIGTERM"] as const).map((signal) => [where, signal, source] as const),
  );
  test.each(kinds)("%s: %s ends it", async (_, signal, source) => {
    const { fit, out } = project({ "model.ts": source });
    const { process: child, ended } = begin(fit);
    await setTimeout(2500);
    child.kill(signal);
    expect((await ended).code).toBe(null);
    expect(existsSync(out)).toBe(false);
  });

  test("is named after some seconds", async () => {
    const { fit } = project({ "model.ts": sources["in the model"] });
    const { process: child, ended } = begin(fit);
    await once(child.stderr as NodeJS.ReadableStream, "data");
    child.kill();
    expect((await ended).stderr).toMatch(
      /^surmise: the model of '.*model.ts' has been running for 2 s; Ctrl-C stops it\n$/,
    );
  });

  test("is not named with --quiet", async () => {
    const { fit } = project({ "model.ts": sources["in the model"] });
    const { process: child, ended } = begin([...fit, "--quiet"]);
    await setTimeout(6000);
    child.kill();
    expect((await ended).stderr).toBe("");
  });

  test.each([
    ["process.exit in the model", "export default () => { process.exit(0); };"],
    ["process.exit while it is loaded", "process.exit(0);"],
    ["a wait for nothing", "await new Promise(() => {}); export default () => {};"],
  ])("%s is told", async (_, source) => {
    const { fit } = project({ "model.ts": source });
    const { code, stdout, stderr } = await begin(fit).ended;
    expect(stderr).toMatch(/^surmise: the process ended before the work was done: .*\n$/);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});
