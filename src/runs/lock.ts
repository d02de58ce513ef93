/** One process at a time works in the folder of a run; what a killed one left behind is cleaned up. */
import { randomUUID } from "node:crypto";
import { constants, existsSync, readFileSync } from "node:fs";
import { copyFile, link, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { SurmiseError } from "../tensor/index.ts";
import { cannotWrite } from "./files.ts";

/** The lock of a folder, a file with its {@link Holder}. */
const LOCK = ".lock";
/** Milliseconds after which others that take over the same stale lock have put back what is not stale. */
const SETTLED = 100;
/** What file systems say that know no second name of a file. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EACCES"];
/** Drafts of files, as `files.ts` names them. */
const DRAFT = /^\.(.+\.)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** Who works in a folder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the system's ticks, where it tells: numbers of processes are used again. */
  readonly began?: string | undefined;
}

/**
 * Does `work` while no other process may work in `folder`, which is there. The lock of a process that has
 * ended is taken over; drafts that it left are removed.
 *
 * @throws SurmiseError naming the process that works in the folder, or if nothing can be written into it.
 */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, LOCK);
  await take(folder, lock);
  try {
    for (const name of await readdir(folder)) {
      if (DRAFT.test(name)) await rm(join(folder, name), { force: true, recursive: true });
    }
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Removes what a process left in a finished folder that was killed at its very end, if anything can be removed. */
export async function tidy(folder: string): Promise<void> {
  if (!existsSync(join(folder, LOCK))) return;
  await withLock(folder, async () => undefined).catch(() => undefined);
}

async function take(folder: string, lock: string): Promise<void> {
  const draft = join(folder, `${LOCK}.${randomUUID()}.tmp`);
  const holder: Holder = { pid: process.pid, host: hostname(), began: beginning(process.pid) };
  const own = JSON.stringify({ ...holder, once: randomUUID() });
  let takenOver = false;
  try {
    await writeFile(draft, own, { flag: "wx" });
    for (;;) {
      if (await linked(draft, lock)) {
        if (!takenOver) return;
        await setTimeout(SETTLED);
      }
      const there = await contentOf(lock);
      if (there === own) return;
      if (there === undefined) continue;
      const holder = holderIn(there);
      if (holder !== undefined && isAtWork(holder)) throw held(folder, lock, holder);
      await removeStale(lock, there, join(folder, `${LOCK}.${randomUUID()}.tmp`));
      takenOver = true;
    }
  } catch (cause) {
    throw cause instanceof SurmiseError ? cause : cannotWrite(folder, cause);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/** The lock's text, if there is a lock; one that is just being written is waited for. */
async function contentOf(lock: string): Promise<string | undefined> {
  const read = () => readFile(lock, "utf8").catch(() => undefined);
  const there = await read();
  if (there === undefined || holderIn(there) !== undefined) return there;
  await setTimeout(SETTLED);
  return read();
}

/** Undefined if the text is none of a lock. */
function holderIn(text: string): Holder | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Makes `lock` another name of `draft`, whole at once; false if there is a lock. */
async function linked(draft: string, lock: string): Promise<boolean> {
  try {
    await link(draft, lock);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!NO_LINKS.includes(code)) throw error;
  }
  try {
    await copyFile(draft, lock, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes the lock that was read as `stale`; one that another process put there meanwhile goes back. */
async function removeStale(lock: string, stale: string, aside: string): Promise<void> {
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, "utf8")) !== stale) await linked(aside, lock);
  await rm(aside, { force: true });
}

/** Whether the process still runs; of another machine it is not known. */
function isAtWork({ pid, host, began }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return began === undefined || began === beginning(pid);
}

/** The 22nd word of /proc/PID/stat, counted behind the name in brackets; undefined elsewhere. */
function beginning(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function held(folder: string, lock: string, { pid, host }: Holder): SurmiseError {
  const where = host === hostname() ? "" : ` on ${host}`;
  return new SurmiseError(
    `process ${pid}${where} works in '${folder}': wait for it or stop it` +
      (where && `; if it has ended, remove '${lock}'`),
  );
}
