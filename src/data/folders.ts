/** Folders on disk. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

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
