/**
 * Compiled programs on disk, by the hash of everything they depend on. A library is used only if its
 * content has the checksum that was written with it; anything else is built again.
 */
import { SurmiseError } from "../../tensor/index.ts";
import { openSealedJson, sealedJson } from "../checksum.ts";
import type { Node } from "./node.ts";
import type { Toolchain } from "./toolchain.ts";

/** What is kept: compiled programs, what is known of them, and the library that runs them on threads. */
export type Kept = "programs" | "records" | "threads";

/** The user's cache folder of surmise's native code. */
export function cacheFolder({ os, path, process }: Node, kept: Kept): string {
  const { env, platform } = process;
  if (env.SURMISE_CACHE) return path.join(env.SURMISE_CACHE, kept);
  if (platform === "darwin") return path.join(os.homedir(), "Library/Caches/surmise", kept);
  if (platform === "win32") {
    const local = env.LOCALAPPDATA ?? path.join(os.homedir(), "AppData/Local");
    return path.join(local, "surmise/Cache", kept);
  }
  return path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "surmise", kept);
}

/**
 * The path of the shared library compiled from `source`: from the cache, or built and kept there. Safe
 * when many processes build the same program at once: each builds under a name of its own and renames.
 *
 * @throws SurmiseError if the folder cannot be used or the compiler fails.
 */
export function libraryFor(source: string, kept: Kept, toolchain: Toolchain, node: Node): string {
  const { crypto, fs, path, process } = node;
  const parts = [source, ...identity(toolchain)];
  const name = crypto.createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 40);
  const known = libraryNamed(name, kept, node);
  if (known !== undefined) return known;

  const folder = cacheFolder(node, kept);
  const [library, checksum] = [`${name}.so`, `${name}.sha256`].map((f) => path.join(folder, f));
  const part = path.join(folder, `${name}.${process.pid}.${crypto.randomBytes(4).toString("hex")}`);
  try {
    fs.writeFileSync(`${part}.c`, source, { mode: 0o600 });
    build(`${part}.c`, `${part}.so`, toolchain, node);
    const sum = digest(`${part}.so`, node);
    fs.writeFileSync(`${part}.sha256`, sum, { mode: 0o600 });
    fs.renameSync(`${part}.sha256`, checksum);
    fs.renameSync(`${part}.so`, library);
  } finally {
    for (const ending of ["c", "so", "sha256"]) fs.rmSync(`${part}.${ending}`, { force: true });
  }
  return library;
}

/**
 * The path of the library of that name, if it is there and whole.
 *
 * @throws SurmiseError if the folder cannot be used.
 */
export function libraryNamed(name: string, kept: Kept, node: Node): string | undefined {
  const folder = cacheFolder(node, kept);
  prepare(folder, node);
  const [library, checksum] = ["so", "sha256"].map((e) => node.path.join(folder, `${name}.${e}`));
  return isWhole(library, checksum, node) ? library : undefined;
}

/** The fingerprint of a toolchain. */
export function identity({ command, version, processor, flags }: Toolchain): string[] {
  return [command, version, processor, flags.join(" ")];
}

/** What `writeSealed` wrote, or undefined if a bit of it has changed. */
export function readSealed(file: string, { crypto, fs }: Node): object | undefined {
  return openSealedJson(fs.readFileSync(file), crypto);
}

/** Writes JSON with its checksum such that others see all of it or nothing. */
export function writeSealed(file: string, value: object, { crypto, fs, process }: Node): void {
  const part = `${file}.${process.pid}.${crypto.randomBytes(4).toString("hex")}`;
  try {
    fs.writeFileSync(part, sealedJson(value, crypto), { mode: 0o600 });
    fs.renameSync(part, file);
  } finally {
    fs.rmSync(part, { force: true });
  }
}

/** What cannot be read or written is done without. */
export function orNothing<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined;
  }
}

/** Makes the folder, for this user alone; refuses one that others could put libraries into. */
export function prepare(folder: string, { fs, process }: Node): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new SurmiseError(`cannot make the folder ${folder}: ${(error as Error).message}`);
  }
  if (process.platform === "win32") return;
  const { mode, uid } = fs.statSync(folder);
  if ((mode & 0o022) !== 0 || uid !== process.getuid?.()) {
    throw new SurmiseError(
      `the folder of compiled programs ${folder} can be written by others: run chmod 700 on it, or ` +
        "set SURMISE_CACHE to a folder of your own",
    );
  }
}

function isWhole(library: string, checksum: string, node: Node): boolean {
  const { fs } = node;
  if (!fs.existsSync(library) || !fs.existsSync(checksum)) return false;
  return fs.readFileSync(checksum, "utf8") === digest(library, node);
}

function digest(file: string, { crypto, fs }: Node): string {
  return crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");
}

const SECONDS = 120;

function build(from: string, to: string, { command, flags }: Toolchain, node: Node): void {
  const built = node.childProcess.spawnSync(
    command,
    [...flags, from, "-o", to, "-lm", "-ldl", "-pthread"],
    {
      encoding: "utf8",
      timeout: 1000 * SECONDS,
    },
  );
  if (built.status !== 0) {
    const why = built.error?.message ?? built.stderr.trim().split("\n")[0];
    throw new SurmiseError(`${command} cannot compile the program: ${why}`);
  }
}
