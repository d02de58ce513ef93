import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkNewFolder } from "../../src/runs/folder/folder.ts";
import { appendRecord } from "../../src/runs/folder/records.ts";
import { tidy, withLock } from "../../src/runs/lock.ts";
import { contend } from "./contend.ts";
import { temporaryFolders } from "./folders.ts";

const folders = temporaryFolders();
const nothing = async () => undefined;

/** Puts a lock into a folder, as a process of these traits would. */
function lockedBy(folder: string, holder: object) {
  writeFileSync(join(folder, ".lock"), JSON.stringify(holder));
}

describe("a lock on a run folder", () => {
  test("refuses a second one, naming the process, until the first is over", async () => {
    const folder = folders();
    await withLock(folder, async () => {
      const second = withLock(folder, nothing);
      await expect(second).rejects.toThrow(`process ${process.pid} works in '${folder}'`);
    });
    expect(await withLock(folder, async () => 7)).toBe(7);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is given back where the work throws", async () => {
    const folder = folders();
    const work = withLock(folder, () => Promise.reject(new Error("no")));
    await expect(work).rejects.toThrow("no");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("of a process that has ended is taken over, by one of many", async () => {
    const folder = folders();
    const { pid } = spawnSync(process.execPath, ["--version"]);
    lockedBy(folder, { pid, host: hostname() });
    expect(await contend(folder, 8)).toEqual({ had: 1, most: 1 });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.runIf(existsSync("/proc/self/stat"))(
    "of an ended process whose number is used again is taken over",
    async () => {
      const folder = folders();
      lockedBy(folder, { pid: process.pid, host: hostname(), began: "1" });
      await withLock(folder, nothing);
    },
  );

  test("of another machine stays, with the file to remove", async () => {
    const folder = folders();
    lockedBy(folder, { pid: 1, host: "elsewhere" });
    await expect(withLock(folder, nothing)).rejects.toThrow(/on elsewhere .* remove '.*\.lock'/);
  });

  test("of an ended process is removed from a folder that is only read", async () => {
    const folder = folders();
    lockedBy(folder, { pid: spawnSync(process.execPath, ["--version"]).pid, host: hostname() });
    await tidy(folder);
    expect(readdirSync(folder)).toEqual([]);
    lockedBy(folder, { pid: 1, host: "elsewhere" });
    await tidy(folder);
    expect(readdirSync(folder)).toEqual([".lock"]);
  });

  test("removes the drafts of a killed process, and nothing else", async () => {
    const folder = folders();
    for (const name of [`.checkpoint.safetensors.${randomUUID()}.tmp`, `.${randomUUID()}.tmp`]) {
      writeFileSync(join(folder, name), "");
    }
    writeFileSync(join(folder, ".mine.tmp"), "");
    await withLock(folder, nothing);
    expect(readdirSync(folder)).toEqual([".mine.tmp"]);
  });
});

test("a new run refuses a folder with somebody's files", async () => {
  const folder = folders();
  await checkNewFolder(folder);
  writeFileSync(join(folder, "report.html"), "mine");
  await expect(checkNewFolder(folder)).rejects.toThrow("holds 'report.html' and no run");
});

test("records are not written through a symbolic link", async () => {
  const folder = folders();
  const aim = join(folders(), "aim");
  symlinkSync(aim, join(folder, "metrics.jsonl"));
  await expect(appendRecord(folder, { step: 1 } as never)).rejects.toThrow("cannot write");
  expect(existsSync(aim)).toBe(false);
});
