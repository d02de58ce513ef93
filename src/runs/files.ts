/** Files that are there whole or not at all. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SurmiseError } from "../tensor/index.ts";

/**
 * Writes `content` under a temporary name, makes sure that it is on the disk, and renames it: after
 * a crash at any moment `path` holds the old content or the new one, never a part.
 *
 * @throws SurmiseError if the file cannot be written.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(draft, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw cannotWrite(path, cause);
  }
}

/**
 * Makes a folder, if it is not there, and makes sure that files can be written into it.
 *
 * @throws SurmiseError if it cannot be made or written into.
 */
export async function makeFolder(folder: string): Promise<void> {
  const probe = join(folder, `.${randomUUID()}.tmp`);
  try {
    await makeFolders(folder);
    await writeFile(probe, "");
    await rm(probe);
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
}

/**
 * Makes a folder and those around it, where there are none. Not by Node's `recursive`, which never
 * ends where the system says of a folder that is there that it is not, as /proc does.
 */
export async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    const around = dirname(folder);
    if (code !== "ENOENT" || existsSync(around)) throw error;
    await makeFolders(around);
    await makeFolders(folder);
  }
}

/** The error for a file or folder that cannot be written, with the system's reason. */
export function cannotWrite(path: string, cause: unknown): SurmiseError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SurmiseError(
    `cannot write '${path}' (${reason}): choose a folder that can be written`,
    { cause },
  );
}
