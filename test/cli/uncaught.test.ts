/** Errors of a model file that reach nobody end the command with one line. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolders } from "../runs/folders.ts";
import { begin } from "./command.ts";

const newFolder = temporaryFolders();

test.each([
  [
    "in a timer",
    'setTimeout(() => { throw new Error("too late"); }, 0)',
    /nobody catches: too late;/,
  ],
  ["null in a timer", "setTimeout(() => { throw null; }, 0)", /nobody catches: null;/],
  [
    "an unreadable one in a timer",
    'setTimeout(() => { throw Object.defineProperty(new Error(), "message", { get() { throw 1; } }); }, 0)',
    /nobody catches: it has no message that can be read;/,
  ],
  ["in a promise", 'Promise.reject(new Error("too late"))', /was rejected: too late;/],
])("thrown %s", async (_, statement, says) => {
  const folder = newFolder();
  const model = join(folder, "model.ts");
  writeFileSync(
    model,
    `import { model, normal } from "surmise";
export default model(({ sample }) => { sample("z", normal(0, 1)); ${statement}; });`,
  );
  const { code, stderr } = await begin(["fit", model, "--out", join(folder, "run")]).ended;
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(code).toBe(2);
});
