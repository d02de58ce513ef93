/** The import of a user's TypeScript, from any folder, and what it imports in turn. */
import { existsSync } from "node:fs";
import { createRequire, register } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";

/** Where this code is: `src/` with TypeScript in a checkout, `dist/` with JavaScript as a package. */
const ROOT = new URL("../../", import.meta.url).href;
const OWN = fileURLToPath(ROOT);
const ENDING = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/**
 * Runs in Node's loader: "surmise" and "surmise/ROOM" lead to this very code, so that a model file finds
 * it from any folder and shares its classes; TypeScript files are modules, with package.json or without. Tells
 * which module imports which.
 */
const HOOKS = `
let root, ending, port;
export function initialize(data) { ({ root, ending, port } = data); }
export async function resolve(specifier, context, next) {
  const [, room] = /^surmise(?:\\/([a-z]+))?$/.exec(specifier) ?? [null];
  if (specifier === "surmise" || room) {
    return next(new URL((room ? room + "/" : "") + "index" + ending, root).href, context);
  }
  const { url, ...rest } = await next(specifier, context);
  // What tsx puts behind files that it takes for CommonJS, where there is no package.json.
  const found = { ...rest, url: url.replace(/(\\.ts)(?:%3F|[?])tsx-commonjs.*$/, "$1") };
  if (context.parentURL && !found.url.startsWith(root)) port.postMessage([context.parentURL, found.url]);
  return /\\.ts(\\?|$)/.test(found.url) ? { ...found, format: "module" } : found;
}
`;

/** What the loader has told so far: the files that a file imports. */
const imports = new Map<string, Set<string>>();
const { port1: told, port2: port } = new MessageChannel();
told.unref();
const { cache } = createRequire(import.meta.url);

let prepared: Promise<void> | undefined;

/** Teaches Node to import TypeScript, if it has not been, and "surmise"; once. */
function prepare(): Promise<void> {
  prepared ??= (async () => {
    if (ENDING === ".js") (await import("tsx/esm/api")).register();
    const data = { root: ROOT, ending: ENDING, port };
    register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { data, transferList: [port] });
  })();
  return prepared;
}

/** What the file exports. */
export async function importFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  await prepare();
  const before = new Set(requiredFiles().keys());
  const exported = await import(pathToFileURL(path).href);
  // What a function made by createRequire requires has no module that it is a child of.
  for (const file of requiredFiles().keys()) if (!before.has(file)) noteImport(path, file);
  return exported;
}

function noteImport(from: string, to: string): void {
  const known = imports.get(from) ?? new Set();
  imports.set(from, known.add(to));
}

/** The paths of the files that `path`, which was imported, imports, and of those that these import, in order. */
export function importedFiles(path: string): string[] {
  for (let each = receiveMessageOnPort(told); each; each = receiveMessageOnPort(told)) {
    const [from, to] = (each.message as string[]).map(fileOf);
    if (from !== undefined && to !== undefined) noteImport(from, to);
  }
  const required = requiredFiles();
  const found = new Set([path]);
  // A set takes in what is added while it is gone through.
  for (const file of found) {
    for (const next of [...(imports.get(file) ?? []), ...(required.get(file) ?? [])]) {
      if (existsSync(next) && !next.startsWith(OWN)) found.add(next);
    }
  }
  found.delete(path);
  return [...found].sort();
}

/** The files that each module of CommonJS requires. */
function requiredFiles(): Map<string, string[]> {
  const modules = Object.values(cache).flatMap((module) => module ?? []);
  return new Map(
    modules.map(({ filename, children }) => [
      withoutQuery(filename),
      children.map((child) => withoutQuery(child.filename)),
    ]),
  );
}

/** tsx puts a query behind the names of some modules of CommonJS. */
function withoutQuery(file: string): string {
  return existsSync(file) ? file : file.replace(/\?[^?]*$/, "");
}

function fileOf(url: string): string | undefined {
  return url.startsWith("file:")
    ? withoutQuery(fileURLToPath(url.replace(/[?#].*/, "")))
    : undefined;
}
