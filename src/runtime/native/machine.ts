/** Programs as native code, through the system's C compiler. */
import type { Compiled } from "../../compiler/index.ts";
import { SurmiseError } from "../../tensor/index.ts";
import type { Machine } from "../machine.ts";
import { libraryFor } from "./cache.ts";
import { type Node, nodeModules } from "./node.ts";
import { POOL } from "./pool.ts";
import { rememberedToolchain } from "./remembered.ts";
import type { Toolchain } from "./toolchain.ts";

/** What native programs need. */
export interface Native {
  readonly node: Node;
  readonly toolchain: Toolchain;
}

/** The functions of `pool.ts`. */
interface Pool {
  readonly run: (program: unknown, memory: Uint8Array, steps: number, threads: number) => unknown;
  readonly prepare: (memory: Uint8Array, bytes: number) => void;
}

/** Loaded once it is needed. */
let pool: Pool | undefined;

function loadPool(toolchain: Toolchain, node: Node): Pool {
  const library = node.koffi.load(libraryFor(POOL, "threads", toolchain, node));
  const run = "int64_t surmise_run(void *program, void *memory, int64_t steps, int64_t threads)";
  const prepare = "void surmise_prepare(void *memory, int64_t bytes)";
  return { run: library.func(run), prepare: library.func(prepare) };
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
  const toolchain = rememberedToolchain(node);
  return typeof toolchain === "string" ? toolchain : { node, toolchain };
}

/** A program that was compiled. */
export interface NativeProgram {
  /** The path of its library. */
  readonly library: string;
  /** Its memory, without that of threads. */
  readonly bytes: number;
  /** Whether there is work for several threads. */
  readonly shares: boolean;
}

/**
 * The C program `code`, compiled, with the memory and the kernels that it was printed from.
 *
 * @throws SurmiseError if it cannot be compiled or the cache folder cannot be used.
 */
export function nativeProgram(
  code: string,
  { kernels, memory }: Compiled,
  { node, toolchain }: Native,
): NativeProgram {
  return {
    library: libraryFor(code, "programs", toolchain, node),
    bytes: memory.size,
    shares: kernels.some((k) => k.body.some((s) => s.kind === "parallel")),
  };
}

/**
 * A machine for a program, on at most `threads` threads.
 *
 * @throws SurmiseError if the library of threads cannot be compiled or the cache folder cannot be used.
 */
export function nativeMachine(
  { library: file, bytes: size, shares }: NativeProgram,
  threads: number,
  { node, toolchain }: Native,
): Machine {
  const library = node.koffi.load(file);
  const program = library.func("void *surmise_program(void)");
  pool ??= loadPool(toolchain, node);
  const { run, prepare } = pool;
  const bytes = new Uint8Array(size);
  prepare(bytes, bytes.length);
  const wanted = shares ? threads : 1;
  // The library stays loaded as long as one of its functions is held.
  return {
    backend: "c",
    memory: bytes.buffer,
    run: (steps) => {
      if (Number(run(program(), bytes, steps, wanted)) === 0) return;
      throw new SurmiseError("there is not enough memory to run the program: use smaller batches");
    },
  };
}
