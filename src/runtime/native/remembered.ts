/**
 * The toolchain that was found before, as long as nothing it depends on has changed: asking a compiler what
 * it can do takes about as long as planning a program.
 */
import { cacheFolder, orNothing, prepare, readSealed, writeSealed } from "./cache.ts";
import type { Node } from "./node.ts";
import { probe } from "./probe.ts";
import { COMMANDS, FLAGS, findToolchain, TARGETS, type Toolchain } from "./toolchain.ts";

/** What was found, and when it holds. */
interface Kept {
  readonly now: string;
  readonly toolchain: Toolchain;
}

/** As `findToolchain`, from the user's cache where it can be used. */
export function cachedToolchain(node: Node): Toolchain | string {
  const now = circumstances(node);
  try {
    prepare(cacheFolder(node, "threads"), node);
  } catch (error) {
    return (error as Error).message;
  }
  const known = orNothing(() => read(now, node));
  if (known !== undefined) return known;
  const toolchain = findToolchain(node, (found) => probe(found, node));
  if (typeof toolchain !== "string") orNothing(() => write(now, toolchain, node));
  return toolchain;
}

function fileOf(node: Node): string {
  return node.path.join(cacheFolder(node, "threads"), "compiler.json");
}

function read(now: string, node: Node): Toolchain | undefined {
  const kept = readSealed(fileOf(node), node) as Kept | undefined;
  return kept?.now === now ? kept.toolchain : undefined;
}

function write(now: string, toolchain: Toolchain, node: Node): void {
  const kept: Kept = { now, toolchain };
  writeSealed(fileOf(node), kept, node);
}

/** Everything that may change what is found. */
function circumstances({ fs, os, path, process }: Node): string {
  const { CC, PATH = "" } = process.env;
  const folders = PATH.split(path.delimiter);
  const compilers = [...COMMANDS, ...(CC === undefined ? [] : [CC])].flatMap((command) =>
    folders.flatMap((folder) => {
      const found = fs.statSync(path.join(folder, command), { throwIfNoEntry: false });
      return found === undefined ? [] : [[folder, command, found.mtimeMs, found.size]];
    }),
  );
  const cpuinfo = "/proc/cpuinfo";
  const features = fs.existsSync(cpuinfo)
    ? /^(flags|Features).*$/m.exec(fs.readFileSync(cpuinfo, "utf8"))?.[0]
    : os.cpus()[0]?.model;
  return JSON.stringify([CC, PATH, compilers, os.arch(), features, FLAGS, TARGETS]);
}
