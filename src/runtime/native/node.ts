/**
 * Node's own modules, where there is a Node. They are asked for while running, not imported, so that
 * a page can load this room as it is.
 */
export interface Node {
  /** The module `node:fs`. */
  readonly fs: typeof import("node:fs");
  /** The module `node:os`. */
  readonly os: typeof import("node:os");
  /** The module `node:path`. */
  readonly path: typeof import("node:path");
  /** The module `node:url`. */
  readonly url: typeof import("node:url");
  /** The module `node:crypto`. */
  readonly crypto: typeof import("node:crypto");
  /** The module `node:child_process`. */
  readonly childProcess: typeof import("node:child_process");
  /** The package koffi, which calls C. */
  readonly koffi: typeof import("koffi");
  /** The global `process`. */
  readonly process: NodeJS.Process;
}

/** What the file system says of a file. */
export type Stats = import("node:fs").Stats;

/** Why there are none in a page, where nobody expects them. */
export const NOT_NODE = "this is not Node";

let found: Node | string | undefined;

/** Node's modules, or why they cannot be had. */
export function nodeModules(): Node | string {
  found ??= find();
  return found;
}

function find(): Node | string {
  const { process } = globalThis as { process?: NodeJS.Process };
  if (process?.versions?.node === undefined) return NOT_NODE;
  const get = process.getBuiltinModule;
  if (get === undefined) return `Node ${process.versions.node} is older than 20.16`;
  try {
    const { createRequire } = get("node:module");
    return {
      fs: get("node:fs"),
      os: get("node:os"),
      path: get("node:path"),
      url: get("node:url"),
      crypto: get("node:crypto"),
      childProcess: get("node:child_process"),
      koffi: createRequire(import.meta.url)("koffi"),
      process,
    };
  } catch (error) {
    return `koffi cannot be loaded: ${(error as Error).message.split("\n")[0]}`;
  }
}
