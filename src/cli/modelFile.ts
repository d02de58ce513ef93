/** Model files: TypeScript written by a user, in any folder, without a build. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { columnsOf, readTable } from "../data/index.ts";
import { type Model, model } from "../model/index.ts";
import type { ModelFile, TableConfig } from "../problems/index.ts";
import { SurmiseError } from "../tensor/index.ts";

const EXAMPLE =
  "export default model(({ sample, observe }, { column }: Columns) => { ... }), with model and " +
  'Columns from "surmise"';

/** Whether a word of the command line names a model file, not a model that surmise knows by name. */
export function isModelFile(word: string): boolean {
  return /\.[cm]?[jt]s$/.test(word);
}

/**
 * Loads what the settings name.
 *
 * @throws SurmiseError if the file cannot be loaded or exports no model, or the data cannot be read.
 */
export async function loadModelFile({ model: path, data }: TableConfig): Promise<ModelFile> {
  if (!existsSync(path)) throw new SurmiseError(`there is no file '${path}'`);
  const exported = await importFile(path);
  const { default: body, guide } = exported;
  if (typeof body !== "function") {
    throw new SurmiseError(
      `'${path}': its default export is ${body === undefined ? "missing" : `a ${typeof body}`}, not ` +
        `a model: write ${EXAMPLE}`,
    );
  }
  if (guide !== undefined && typeof guide !== "function") {
    throw new SurmiseError(`'${path}': its export 'guide' is a ${typeof guide}, not a model`);
  }
  const table = data === undefined ? noColumns(path) : columnsOf(await readTable(data));
  const fingerprint = createHash("sha256").update(await readFile(path));
  if (data !== undefined) fingerprint.update(await readFile(data));
  return {
    model: withPlace(path, body as Model),
    ...(guide === undefined ? {} : { guide: withPlace(path, guide as Model) }),
    data: table,
    fingerprint: fingerprint.digest("hex").slice(0, 16),
  };
}

/** The model; errors name their place in the file. */
function withPlace(path: string, body: Model): Model {
  const placed: Model = (sites, data) => {
    try {
      return body(sites, data);
    } catch (cause) {
      if (!(cause instanceof Error)) {
        throw new SurmiseError(`'${path}': the model throws ${thrown(cause)}, which is no error`);
      }
      const what = cause instanceof SurmiseError ? cause.message : `'${path}': ${cause.message}`;
      throw new SurmiseError(what + placeIn(path, cause), { cause });
    }
  };
  return model(placed, { ...(body.dtype && { dtype: body.dtype }) });
}

/** The line of the file that an error comes from, with its number; nothing if it is not known. */
function placeIn(path: string, { stack = "", message }: Error): string {
  const frames = stack.slice(stack.indexOf(message) + message.length);
  const [, line] = frames.split(basename(path))[1]?.match(/^\D*(\d+)/) ?? [];
  if (line === undefined) return "";
  const code = readFileSync(path, "utf8").split("\n")[Number(line) - 1]?.trim();
  return `\n  ${basename(path)}, line ${line}: ${code}`;
}

async function importFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  await prepareImports();
  try {
    return await import(pathToFileURL(path).href);
  } catch (cause) {
    if (cause instanceof SurmiseError) throw new SurmiseError(`'${path}': ${cause.message}`);
    const why = cause instanceof Error ? cause.message : `it throws ${thrown(cause)}`;
    throw new SurmiseError(`cannot load '${path}': ${why}`, { cause });
  }
}

/** What a user's code threw in the place of an error. */
function thrown(what: unknown): string {
  return typeof what === "string" ? `'${what}'` : String(what);
}

/** Where this code is: `src/` with TypeScript in a checkout, `dist/` with JavaScript as a package. */
const ROOT = new URL("../", import.meta.url).href;
const ENDING = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/**
 * Runs in Node's loader: "surmise" and "surmise/ROOM" lead to this very code, so that a model file finds
 * it from any folder and shares its classes; TypeScript files are modules, with package.json or without.
 */
const HOOKS = `
let root, ending;
export function initialize(data) { ({ root, ending } = data); }
export async function resolve(specifier, context, next) {
  const [, room] = /^surmise(?:\\/([a-z]+))?$/.exec(specifier) ?? [null];
  if (specifier === "surmise" || room) {
    return next(new URL((room ? room + "/" : "") + "index" + ending, root).href, context);
  }
  const found = await next(specifier, context);
  return /\\.ts(\\?|$)/.test(found.url) ? { ...found, format: "module" } : found;
}
`;

let prepared: Promise<void> | undefined;

/** Teaches Node to import TypeScript, if it has not been, and "surmise"; once. */
function prepareImports(): Promise<void> {
  prepared ??= (async () => {
    if (ENDING === ".js") (await import("tsx/esm/api")).register();
    const data = { root: ROOT, ending: ENDING };
    register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { data });
  })();
  return prepared;
}

/** The data of a model file without data: an error where it asks for some. */
function noColumns(path: string): unknown {
  return new Proxy(
    {},
    {
      get: () => {
        throw new SurmiseError(`'${path}' asks for columns: give it a table with --data FILE`);
      },
    },
  );
}
