/** Model files: TypeScript written by a user, in any folder, without a build. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import {
  arraysOf,
  columnsOf,
  filesOf,
  isArray,
  readArray,
  readTable,
} from "../../data/internal.ts";
import { describeTypeError, type Model, model } from "../../model/internal.ts";
import type { ModelFile, TableConfig } from "../../problems/index.ts";
import { SurmiseError, shown } from "../../tensor/internal.ts";
import { messageOf } from "../errors.ts";
import { importedFiles, importFile } from "./imports.ts";
import { tellIfSlow } from "./slow.ts";

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
export async function loadModelFile({
  model: path,
  data,
}: Pick<TableConfig, "model" | "data">): Promise<ModelFile> {
  if (!existsSync(path)) throw new SurmiseError(`there is no file '${path}'`);
  if (path.includes("?")) {
    throw new SurmiseError(
      `'${path}': no module is loaded from a path with a question mark: rename it`,
    );
  }
  const { default: body, guide } = await load(path);
  if (typeof body !== "function") {
    throw new SurmiseError(
      `'${path}': its default export is ${body === undefined ? "missing" : `a ${typeof body}`}, not ` +
        `a model: write ${EXAMPLE}`,
    );
  }
  if (guide !== undefined && typeof guide !== "function") {
    throw new SurmiseError(`'${path}': its export 'guide' is a ${typeof guide}, not a model`);
  }
  const given = data === undefined ? { data: noData(path) } : await read(path, data);
  const sources: readonly (readonly [name: string, files: readonly string[]])[] = [
    [`'${path}'`, [path]],
    ...importedFiles(path).map((file) => [`'${relative(dirname(path), file)}'`, [file]] as const),
    ...(data === undefined ? [] : [[`'${data}'`, await filesOf(data)] as const]),
  ];
  const hashes = sources.map(async ([name, files]) => [name, await hashOf(files)]);
  return {
    model: withPlace(path, body as Model),
    ...(guide === undefined ? {} : { guide: withPlace(path, guide as Model) }),
    ...given,
    sources: Object.fromEntries(await Promise.all(hashes)),
  };
}

/** The table, or the array, in a file; what a model asks of the one that the other has is refused. */
async function read(
  path: string,
  data: string,
): Promise<Pick<ModelFile, "data" | "table" | "columns">> {
  const isOther = await isArray(data);
  const { found, ...others } = await tellIfSlow(`reading '${data}' has been going on`, async () => {
    if (isOther) return { found: arraysOf(await readArray(data)) };
    const table = await readTable(data);
    const columns = columnsOf(table);
    return { found: columns, table, columns };
  });
  const holds = isOther
    ? "numbers over axes, and no table: take them by array(NAME, ...), a name for each axis"
    : "a table: take its columns by column(NAME)";
  const checked = new Proxy<object>(found, {
    get(known, name) {
      // A promise of it asks for `then`.
      const isAsked = typeof name === "string" && name !== "then" && !Object.hasOwn(known, name);
      if (!isAsked) return Reflect.get(known, name);
      throw new SurmiseError(`'${path}' asks for ${name}, but '${data}' holds ${holds}`);
    },
  });
  return { data: checked, ...others };
}

async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(file));
  return hash.digest("hex").slice(0, 16);
}

/** The model; errors name their place in the file. */
function withPlace(path: string, body: Model): Model {
  const placed: Model = (sites, data) => {
    try {
      return tellIfSlow(`the model of '${path}' has been running`, () => body(sites, data));
    } catch (cause) {
      throw thrownBy(path, cause);
    }
  };
  return model(placed, { ...(body.dtype && { dtype: body.dtype }) });
}

/** What the model of a file throws, with its place. */
function thrownBy(path: string, cause: unknown): SurmiseError {
  try {
    if (!(cause instanceof Error)) {
      return new SurmiseError(`'${path}': the model throws ${shown(cause)}, which is no error`);
    }
    const said = cause instanceof TypeError ? describeTypeError(cause) : cause.message;
    const what = cause instanceof SurmiseError ? said : `'${path}': ${said}`;
    return new SurmiseError(what + placeIn(path, cause), { cause });
  } catch {
    return new SurmiseError(`'${path}': the model throws what has no message that can be read`);
  }
}

/** The line of the file that an error comes from, with its number; nothing if it is not known. */
function placeIn(path: string, { stack = "", message }: Error): string {
  const frames = stack.slice(stack.indexOf(message) + message.length);
  const [, line] = frames.split(basename(path))[1]?.match(/^\D*(\d+)/) ?? [];
  if (line === undefined) return "";
  const code = readFileSync(path, "utf8").split("\n")[Number(line) - 1]?.trim();
  return `\n  ${basename(path)}, line ${line}: ${code}`;
}

async function load(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await tellIfSlow(`'${path}' has been loading`, () => importFile(path));
  } catch (cause) {
    if (cause instanceof SurmiseError) throw new SurmiseError(`'${path}': ${cause.message}`);
    const why = cause instanceof Error ? "" : "it throws ";
    throw new SurmiseError(`cannot load '${path}': ${why}${messageOf(cause)}`, { cause });
  }
}

/** The data of a model file without data: an error where it asks for some. */
function noData(path: string): unknown {
  return new Proxy(
    {},
    {
      get: () => {
        throw new SurmiseError(
          `'${path}' asks for data: give it a table, or an array, with --data FILE`,
        );
      },
    },
  );
}
