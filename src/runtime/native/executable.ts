/** Programs as native code, through the system's C compiler. */
import type { Compiled } from "../../compiler/index.ts";
import { SurmiseError } from "../../tensor/index.ts";
import { type Executable, type Flag, NO_FLAG } from "../executable.ts";
import { noRoom } from "../memory.ts";
import { libraryFor } from "./cache.ts";
import { type Node, nodeModules } from "./node.ts";
import { POOL } from "./pool.ts";
import { cachedToolchain } from "./remembered.ts";
import type { Toolchain } from "./toolchain.ts";

/** What native programs need. */
export interface Native {
  /** The modules of Node. */
  readonly node: Node;
  /** The C compiler. */
  readonly toolchain: Toolchain;
}

/** The functions of `pool.ts`. */
interface Pool {
  /** With the address of a `struct call`. */
  readonly run: (call: number) => void;
  readonly prepare: (memory: Uint8Array, bytes: number) => void;
}

/** How the pool is asked to run a program, in C. */
export const RUN = "void surmise_run(int64_t call)";

/** Loaded once it is needed. */
let pool: Pool | undefined;

function loadPool(toolchain: Toolchain, node: Node): Pool {
  const library = loadLibrary(libraryFor(POOL, "threads", toolchain, node), node);
  const prepare = "void surmise_prepare(void *memory, int64_t bytes)";
  return { run: library.func(RUN), prepare: library.func(prepare) };
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
  const toolchain = cachedToolchain(node);
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
export function nativeExecutable(
  { library: file, bytes: size, shares }: NativeProgram,
  threads: number,
  { node, toolchain }: Native,
): Executable {
  pool ??= loadPool(toolchain, node);
  const library = loadLibrary(file, node);
  const program = library.func("void *surmise_program(void)");
  const prologue = library.func("void *surmise_program_prologue(void)");
  const memory = memoryOf(size);
  pool.prepare(startOf(memory), size);
  const tables = { program, prologue };
  return new NativeMachine(tables, memory, shares ? threads : 1, pool.run, node.koffi, file);
}

/** @throws SurmiseError if the system does not load it, as from a folder without the right to execute. */
function loadLibrary(file: string, { koffi }: Node) {
  try {
    return koffi.load(file);
  } catch (error) {
    throw new SurmiseError(`a compiled program cannot be loaded (${(error as Error).message})`);
  }
}

function memoryOf(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch {
    throw noRoom(bytes);
  }
}

/** Where memory begins. Arrays of bytes have at most 4 GiB, memory may have more. */
function startOf(memory: ArrayBuffer): Uint8Array {
  return new Uint8Array(memory, 0, Math.min(memory.byteLength, 64));
}

/** Functions of a library that return the tables of a step and of the prologue. */
export type Tables = Readonly<Record<"program" | "prologue", () => unknown>>;

/** Calls allocate nothing and pass one number: what is asked for lies where the pool reads it. */
export class NativeMachine implements Executable {
  /** Native code. */
  readonly backend = "c";
  /** See `Executable`. */
  readonly memory: ArrayBuffer;
  /** The path of the library. */
  readonly code: string | undefined;
  /** The library stays loaded as long as one of its functions is held. */
  readonly tables: Tables;
  private readonly go: Pool["run"];
  /** A `struct call`. */
  private readonly call = new ArrayBuffer(64);
  private readonly masks = new Uint32Array(this.call, 32, 2);
  private readonly numbers = new Float64Array(this.call);
  private readonly address: number;
  /** Whether the prologue is asked for or a step. */
  private readonly choose: (once: boolean) => void;

  /** On at most `threads` threads of the pool that `go` runs it on. */
  constructor(
    tables: Tables,
    memory: ArrayBuffer,
    threads: number,
    go: Pool["run"],
    koffi: Node["koffi"],
    code?: string,
  ) {
    const head = new BigInt64Array(this.call);
    const [program, prologue] = [tables.program(), tables.prologue()].map((x) => koffi.address(x));
    this.choose = (once) => {
      head[0] = once ? prologue : program;
    };
    this.choose(false);
    head[1] = koffi.address(startOf(memory));
    head[2] = BigInt(threads);
    this.address = Number(koffi.address(new Uint8Array(this.call)));
    this.memory = memory;
    this.code = code;
    this.tables = tables;
    this.go = go;
  }

  /** See `Executable`. */
  runPrologue(): void {
    this.choose(true);
    try {
      this.run(1, NO_FLAG);
    } finally {
      this.choose(false);
    }
  }

  /** See `Executable`. */
  run(steps: number, { at, low, high }: Flag): number {
    const { numbers, masks } = this;
    numbers[3] = at;
    masks[0] = low;
    masks[1] = high;
    numbers[5] = steps;
    this.go(this.address);
    const made = numbers[6];
    if (made >= 0) return made;
    throw new SurmiseError("there is not enough memory to run the program: use smaller batches");
  }
}
