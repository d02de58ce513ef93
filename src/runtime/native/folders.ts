/** Folders of the cache. */
import type { Node } from "./node.ts";

/** What is needed of Node. */
type Files = Pick<Node, "fs" | "path">;

/**
 * Makes a folder and those around it, where there are none. Not by Node's `recursive`, which never
 * ends where the system says of a folder that is there that it is not, as /proc does.
 *
 * @throws Error of the system if a folder cannot be made.
 */
export function makeFolders(folder: string, { fs, path }: Files, mode = 0o777): void {
  try {
    fs.mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have made it a moment before.
    if (isFolder(folder, fs)) return;
    const around = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || isFolder(around, fs)) throw error;
    makeFolders(around, { fs, path }, mode);
    if (!isFolder(around, fs)) throw error;
    makeFolders(folder, { fs, path }, mode);
  }
}

function isFolder(path: string, fs: Files["fs"]): boolean {
  try {
    return fs.statSync(path).isDirectory();
  } catch {
    return false;
  }
}
