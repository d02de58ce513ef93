/** Files that are there whole or not at all. */
import { randomUUID } from "node:crypto";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolders } from "../data/internal.ts";
import { SurmiseError } from "../tensor/index.ts";

/**
 * Writes `content` under a temporary name, makes sure that it is on the disk, and renames it: after
 * a crash at any moment `file` holds the old content or the new one, never a part.
 *
 * @throws SurmiseError if the file cannot be written.
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  try {
    const opened = await open(draft, "wx");
    try {
      await opened.writeFile(content);
      await opened.sync();
    } finally {
      await opened.close();
    }
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw cannotWrite(file, cause);
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
    makeFolders(folder);
    await writeFile(probe, "");
    await rm(probe);
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
}

/** The error for a file or folder that cannot be written, with the system's reason. */
export function cannotWrite(what: string, cause: unknown): SurmiseError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SurmiseError(
    `cannot write '${what}' (${reason}): choose a folder that can be written`,
    { cause },
  );
}
