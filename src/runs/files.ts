/** Files that are there whole or not at all. */
import { randomUUID } from "node:crypto";
import { open, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolders } from "../data/internal.ts";
import {
  BYTES_OF_FILE,
  checkArguments,
  either,
  SurmiseError,
  shown,
  TEXT,
} from "../tensor/internal.ts";

/**
 * Writes `content` under a temporary name, makes sure that it is on the disk, and renames it: after
 * a crash at any moment `path` holds the old content or the new one, never a part.
 *
 * @throws SurmiseError if the file cannot be written.
 */
export function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  checkArguments("writeWhole", { path }, TEXT);
  checkArguments("writeWhole", { content }, either(BYTES_OF_FILE, TEXT));
  return writeInPieces(path, (append) => append(content));
}

/**
 * As `writeWhole`, for content that is made piece by piece, so that it need not be in memory at once.
 *
 * @throws SurmiseError if the file cannot be written.
 */
export function writeInPieces(
  path: string,
  write: (append: (piece: string | Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  return writeDraft(path, async (draft) => {
    const file = await open(draft, "wx");
    try {
      await write((piece) => file.appendFile(piece));
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/**
 * As `writeWhole`, for a file or a folder that `make` makes under another name.
 *
 * @throws SurmiseError if it cannot be written.
 */
export async function writeDraft(
  path: string,
  make: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await make(draft);
    if ((await stat(draft)).isDirectory()) await rm(path, { force: true, recursive: true });
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true, recursive: true }).catch(() => undefined);
    throw cause instanceof SurmiseError ? cause : cannotWrite(path, cause);
  }
}

/**
 * Makes a folder, if it is not there, and makes sure that files can be written into it.
 *
 * @throws SurmiseError if it cannot be made or written into.
 */
export async function makeFolder(folder: string): Promise<void> {
  checkArguments("makeFolder", { folder }, TEXT);
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
  checkArguments("cannotWrite", { what }, TEXT);
  const reason = cause instanceof Error ? cause.message : shown(cause);
  return new SurmiseError(
    `cannot write '${what}' (${reason}): choose a folder that can be written`,
    { cause },
  );
}
