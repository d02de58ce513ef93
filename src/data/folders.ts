/** Folders on the disk. */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those around it, where there are none. Not by Node's `recursive`, which never
 * ends where the system says of a folder that is there that it is not, as /proc does.
 *
 * @throws Error of the system if a folder cannot be made.
 */
export function makeFolders(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it a moment before.
    if (isFolder(folder)) return;
    const around = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || isFolder(around)) throw error;
    makeFolders(around);
    if (!isFolder(around)) throw error;
    makeFolders(folder);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
