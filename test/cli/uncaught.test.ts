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
  ["with codes for terminals", 'throw new Error("\\u001b[31mred\\u0007")', /: {2}\[31mred $/m],
  [
    "by surmise alone",
    'setTimeout(Object.getOwnPropertyDescriptor(Tensor.prototype, "op").get, 0)',
    /^surmise: Cannot read properties of undefined .*\nThis is a fault of surmise\./,
    1,
  ],
])("thrown %s", async (_, statement, says, ends = 2) => {
  const folder = newFolder();
  const model = join(folder, "model.ts");
  writeFileSync(
    model,
    `import { model, normal } from "surmise";
import { Tensor } from "surmise/tensor";
export default model(({ sample }) => { sample("z", normal(0, 1)); ${statement}; });`,
  );
  const { code, stderr } = await begin(["fit", model, "--out", join(folder, "run")]).ended;
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/^ +at /m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal obeys
  expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  expect(code).toBe(ends);
});
