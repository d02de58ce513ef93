/** Locks where the file system knows no second name of a file. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { withLock } from "../../src/runs/lock.ts";
import { contend } from "./contend.ts";
import { temporaryFolders } from "./folders.ts";

vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof import("node:fs/promises")>()),
  link: () => Promise.reject(Object.assign(new Error("no links"), { code: "EPERM" })),
}));

const folders = temporaryFolders();

test("one of many has the lock, and gives it back", async () => {
  const folder = folders();
  expect(await contend(folder, 8)).toEqual({ had: 1, most: 1 });
  expect(await withLock(folder, async () => 7)).toBe(7);
});

test.each(["", "{", "garbage"])("what %j left behind is taken over", async (text) => {
  const folder = folders();
  writeFileSync(join(folder, ".lock"), text);
  expect(await withLock(folder, async () => 7)).toBe(7);
});
