/** Programs as native code, through the system's C compiler. */
import type { Compiled } from "../../compiler/index.ts";
import type { Machine } from "../machine.ts";
import { libraryFor } from "./cache.ts";
import { type Node, nodeModules } from "./node.ts";
import { findToolchain, type Toolchain } from "./toolchain.ts";

/** What native programs need. */
export interface Native {
  readonly node: Node;
  readonly toolchain: Toolchain;
}

let found: Native | string | undefined;

/** A compiler and the means to call what it makes, or why there is none. Looked for once. */
export function native(): Native | string {
  found ??= find();
  return found;
}

function find(): Native | string {
  const node = nodeModules();
  if (typeof node === "string") return node;
  const toolchain = findToolchain(node);
  return typeof toolchain === "string" ? toolchain : { node, toolchain };
}

/**
 * A machine for the C program `code`.
 *
 * @throws SurmiseError if it cannot be compiled or the cache folder cannot be used.
 */
export function nativeMachine(
  compiled: Compiled,
  code: string,
  { node, toolchain }: Native,
): Machine {
  const library = node.koffi.load(libraryFor(code, toolchain, node));
  const run = library.func("void run(void *memory, int32_t steps)");
  const bytes = new Uint8Array(compiled.memory.size);
  return {
    backend: "c",
    memory: bytes.buffer,
    run: (steps) => {
      run(bytes, steps);
    },
  };
}
