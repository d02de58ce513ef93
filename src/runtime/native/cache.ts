/**
 * Compiled programs on disk, by the hash of everything they depend on. A file is used only if it is the user's own
 * and its content has the checksum that was written with it; anything else is made again.
 */
import { SurmiseError } from "../../tensor/index.ts";
import { openSealedJson, sealedJson } from "../checksum.ts";
import { makeFolders } from "./folders.ts";
import type { Node, Stats } from "./node.ts";
import type { Toolchain } from "./toolchain.ts";

/** After so many seconds a compiler has failed. */
const SECONDS = 120;

/** What is kept: compiled programs, what is known of them, and the library that runs them on threads. */
export type Kept = "programs" | "records" | "threads";

/** The user's cache folder of surmise's native code. */
export function cacheFolder({ os, path, process }: Node, kept: Kept): string {
  const { env, platform } = process;
  // HOME may be set to nothing.
  const home = path.isAbsolute(os.homedir()) ? os.homedir() : os.userInfo().homedir;
  if (env.SURMISE_CACHE) return path.join(env.SURMISE_CACHE, kept);
  if (platform === "darwin") return path.join(home, "Library/Caches/surmise", kept);
  if (platform === "win32") {
    const local = env.LOCALAPPDATA ?? path.join(home, "AppData/Local");
    return path.join(local, "surmise/Cache", kept);
  }
  return path.join(env.XDG_CACHE_HOME || path.join(home, ".cache"), "surmise", kept);
}

/**
 * The path of the shared library compiled from `source`: from the cache, or built and kept there. Safe
 * when many processes build the same program at once: each builds under a name of its own and renames. A
 * compiler that takes more than `seconds` has failed.
 *
 * @throws SurmiseError if the folder cannot be used or the compiler fails.
 */
export function libraryFor(
  source: string,
  kept: Kept,
  toolchain: Toolchain,
  node: Node,
  seconds = SECONDS,
): string {
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
    build(`${part}.c`, `${part}.so`, toolchain, node, seconds);
    fs.chmodSync(`${part}.so`, 0o700);
    const sum = digest(`${part}.so`, node);
    fs.writeFileSync(`${part}.sha256`, sum, { mode: 0o600 });
    fs.renameSync(`${part}.sha256`, checksum);
    fs.renameSync(`${part}.so`, library);
  } catch (error) {
    if (error instanceof SurmiseError) throw error;
    throw unusable(folder, (error as Error).message);
  } finally {
    orNothing(() => {
      for (const ending of ["c", "so", "sha256"]) fs.rmSync(`${part}.${ending}`, { force: true });
    });
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

/** What `writeSealed` wrote, or undefined if a bit of it has changed, or another user may have written it. */
export function readSealed(file: string, node: Node): object | undefined {
  return isOwnFile(file, node)
    ? openSealedJson(node.fs.readFileSync(file), node.crypto)
    : undefined;
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
export function prepare(folder: string, node: Node): void {
  try {
    makeFolders(folder, node, 0o700);
  } catch (error) {
    throw unusable(folder, (error as Error).message);
  }
  if (isOwn(node.fs.statSync(folder), node)) return;
  throw unusable(folder, "others can write it: delete it with all that is in it");
}

function isWhole(library: string, checksum: string, node: Node): boolean {
  if (![library, checksum].every((file) => isOwnFile(file, node))) return false;
  return orNothing(() => node.fs.readFileSync(checksum, "utf8") === digest(library, node)) ?? false;
}

/** Whether the file is there, belongs to this user, and nobody else can write it. Links are none. */
function isOwnFile(file: string, node: Node): boolean {
  const found = orNothing(() => node.fs.lstatSync(file));
  return found?.isFile() === true && isOwn(found, node);
}

function isOwn({ mode, uid }: Stats, { process }: Node): boolean {
  return process.platform === "win32" || ((mode & 0o022) === 0 && uid === process.getuid?.());
}

function unusable(folder: string, why: string): SurmiseError {
  return new SurmiseError(
    `the folder of compiled programs ${folder} cannot be used (${why}); SURMISE_CACHE names another`,
  );
}

function digest(file: string, { crypto, fs }: Node): string {
  return crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");
}

function build(
  from: string,
  to: string,
  { command, flags }: Toolchain,
  node: Node,
  seconds: number,
): void {
  const built = node.childProcess.spawnSync(
    command,
    [...flags, from, "-o", to, "-lm", "-ldl", "-pthread"],
    {
      encoding: "utf8",
      timeout: 1000 * seconds,
      killSignal: "SIGKILL",
    },
  );
  if (built.status !== 0 || !node.fs.existsSync(to)) {
    const why = built.error?.message ?? (built.stderr.trim().split("\n")[0] || "it wrote no file");
    throw new SurmiseError(`${command} cannot compile the program: ${why}`);
  }
}
