/**
 * The files of a data set, from three places in this order: the folder named by SURMISE_DATA, the
 * cache, a download into the cache. Whatever the place, a file is used only if its decompressed
 * content has the known length and SHA-256.
 */
import { createHash, randomBytes } from "node:crypto";
import { access, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import envPaths from "env-paths";
import { SurmiseError } from "../../tensor/index.ts";
import { makeFolders } from "../folders.ts";
import { gunzipIfNeeded, isGzip } from "../formats/gzip.ts";
import { type DownloadProgress, download } from "./download.ts";

/** What a file of a data set must be. On disk it may be gzipped, with ".gz" behind its name. */
export interface DataFile {
  /** Without ".gz". */
  readonly name: string;
  /** Length of the decompressed content. */
  readonly bytes: number;
  /** SHA-256 of the decompressed content, in hexadecimal. */
  readonly sha256: string;
  /** The part of the content that the checksum is of; all of it unless given. */
  readonly checked?: (content: Uint8Array) => Uint8Array;
  /** Where to download it, gzipped or not; tried in order. */
  readonly addresses: readonly string[];
}

/** Where the files of a data set are looked for, and whether they may be downloaded. */
export interface LocateOptions {
  /** Folder with one folder per data set; default: the environment variable SURMISE_DATA. */
  dataFolder?: string;
  /** Where downloads are kept; default: "data" in the system's cache folder for surmise. */
  cacheFolder?: string;
  /** False to look only on this computer; default true. */
  download?: boolean;
  /** Seconds without a byte after which a download is given up; default 30. */
  stallSeconds?: number;
  /** Called whenever a part of a file has arrived. */
  onProgress?: (progress: DownloadProgress) => void;
}

/** The parts of a data set that say where its files are. */
interface Wanted {
  readonly name: string;
  readonly files: readonly DataFile[];
  readonly howToGet: string;
  /** What else one can do, as a sentence. */
  readonly instead?: string;
}

/**
 * The decompressed content of every file of `dataset`, by file name.
 *
 * @throws SurmiseError if a file that is there has another length or checksum than it must have, if
 * the cache cannot be written, or, listing all that was tried, if a file is found nowhere.
 */
export async function locateFiles(
  dataset: Wanted,
  options: LocateOptions = {},
): Promise<Record<string, Uint8Array>> {
  const contents: Record<string, Uint8Array> = {};
  for (const file of dataset.files) {
    const path = await findLocally(dataset.name, file, options);
    contents[file.name] = path
      ? await readVerified(path, file)
      : await fetchFile(dataset, file, options);
  }
  return contents;
}

/** Whether all files of `dataset` are on this computer; their content is not looked at. */
export async function isHere(dataset: Wanted, options: LocateOptions = {}): Promise<boolean> {
  const paths = dataset.files.map((file) => findLocally(dataset.name, file, options));
  return (await Promise.all(paths)).every((path) => path !== undefined);
}

function dataFolder(options: LocateOptions): string | undefined {
  return options.dataFolder ?? process.env.SURMISE_DATA;
}

function cacheFolder(options: LocateOptions): string {
  return options.cacheFolder ?? join(envPaths("surmise", { suffix: "" }).cache, "data");
}

async function findLocally(
  dataset: string,
  file: DataFile,
  options: LocateOptions,
): Promise<string | undefined> {
  for (const folder of [dataFolder(options), cacheFolder(options)]) {
    if (!folder) continue;
    for (const ending of ["", ".gz"]) {
      const path = join(folder, dataset, file.name + ending);
      const exists = await access(path).then(
        () => true,
        () => false,
      );
      if (exists) return path;
    }
  }
  return undefined;
}

async function readVerified(path: string, file: DataFile): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path);
    await checkKept(path, bytes);
    return await verified(bytes, file, path);
  } catch (error) {
    const { message } = error as Error;
    throw new SurmiseError(`${message}; delete or replace this file, then run again`);
  }
}

/** Beside a file that was downloaded stands the SHA-256 of its very bytes, those that are not content included. */
const checksumOf = (path: string) => `${path}.sha256`;

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** @throws SurmiseError if a file was downloaded and has changed since. */
async function checkKept(path: string, bytes: Uint8Array): Promise<void> {
  const kept = await readFile(checksumOf(path), "utf8").catch(() => undefined);
  if (kept === undefined || kept === digest(bytes)) return;
  throw new SurmiseError(`${path}: it has changed since it was downloaded`);
}

/** The decompressed content of `bytes`, which come from `place`, if it is what `file` must be. */
async function verified(bytes: Uint8Array, file: DataFile, place: string): Promise<Uint8Array> {
  const content = await gunzipIfNeeded(bytes, place);
  if (content.length !== file.bytes) {
    throw new SurmiseError(
      `${place}: expected ${file.bytes} bytes of (decompressed) content, found ${content.length}`,
    );
  }
  const checked = file.checked?.(content) ?? content;
  const found = digest(checked);
  if (found !== file.sha256) {
    throw new SurmiseError(
      `${place}: wrong checksum: expected SHA-256 ${file.sha256}, found ${found}`,
    );
  }
  return content;
}

/** Downloads a file into the cache, from the first address that gives the right content. */
async function fetchFile(
  dataset: Wanted,
  file: DataFile,
  options: LocateOptions,
): Promise<Uint8Array> {
  const folder = dataFolder(options);
  const tried = [
    folder ? `no ${file.name} or .gz in ${join(folder, dataset.name)}` : "SURMISE_DATA is not set",
    `no ${file.name} or .gz in the cache, ${join(cacheFolder(options), dataset.name)}`,
  ];
  if (options.download === false) tried.push("downloading is switched off");
  else if (file.addresses.length === 0) tried.push("there is no address to download it from");
  else {
    for (const address of file.addresses) {
      try {
        const { stallSeconds = 30, onProgress } = options;
        const bytes = await download(address, file.name, stallSeconds, onProgress);
        const content = await verified(bytes, file, address);
        await keep(join(cacheFolder(options), dataset.name), file, bytes);
        return content;
      } catch (error) {
        if (error instanceof CacheError) throw error;
        tried.push((error as Error).message);
      }
    }
  }
  const { howToGet, instead = "" } = dataset;
  throw new SurmiseError(
    `data set "${dataset.name}": cannot get ${file.name}.\n` +
      tried.map((attempt) => `  - ${attempt}\n`).join("") +
      `What to do: ${howToGet}; put the files into a folder "${dataset.name}", and set ` +
      `SURMISE_DATA to the folder around it. ${instead}`.trimEnd(),
  );
}

class CacheError extends SurmiseError {}

/** Writes under a temporary name and renames, so that the cache never holds half a file. */
async function keep(folder: string, file: DataFile, bytes: Uint8Array): Promise<void> {
  const path = join(folder, isGzip(bytes) ? `${file.name}.gz` : file.name);
  const part = `${path}.${randomBytes(6).toString("hex")}.part`;
  try {
    makeFolders(folder);
    await writeFile(part, digest(bytes));
    await rename(part, checksumOf(path));
    await writeFile(part, bytes);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw new CacheError(
      `cannot keep the download ${path}: ${(error as Error).message}; ` +
        `make the folder writable, or put the data elsewhere and set SURMISE_DATA`,
    );
  }
}
