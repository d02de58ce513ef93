/** Locks where the file system knows no second name of a file. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { withLock } from "../../src/runs/lock.ts";
import { temporaryFolders } from "./folders.ts";

vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof import("node:fs/promises")>()),
  link: () => Promise.reject(Object.assign(new Error("no links"), { code: "EPERM" })),
}));

const folders = temporaryFolders();

test("one of many has the lock, and gives it back", async () => {
  const folder = folders();
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 30));
    inside--;
  };
  const ran = await Promise.allSettled(Array.from({ length: 8 }, () => withLock(folder, work)));
  expect(most).toBe(1);
  expect(ran.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await withLock(folder, work);
});

test.each(["", "{", "garbage"])("what %j left behind is taken over", async (text) => {
  const folder = folders();
  writeFileSync(join(folder, ".lock"), text);
  expect(await withLock(folder, async () => 7)).toBe(7);
});
