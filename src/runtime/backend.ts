/** Which code a program becomes. */
import {
  type Compiled,
  type CompilerOptions,
  compileToC,
  compileToWasm,
  type Goals,
} from "../compiler/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { canShare } from "./helpers.ts";
import type { Machine } from "./machine.ts";
import { native, nativeMachine } from "./native/machine.ts";
import { threadsFor } from "./threads.ts";
import { wasmMachine } from "./wasm.ts";

/**
 * `wasm`: WebAssembly, everywhere. `c`: native code through the system's C compiler, kept in the
 * user's cache. `auto`: C if a compiler works and the work of a step is worth its second or so.
 */
export type Backend = "auto" | "c" | "wasm";

const BACKENDS: readonly string[] = ["auto", "c", "wasm"] satisfies Backend[];

/** Operations per step from which on native code pays. */
const WORTH_COMPILING = 2e7;

export interface Built {
  readonly compiled: Compiled;
  readonly machine: Machine;
}

export interface BuildOptions extends CompilerOptions {
  /** Comes before the environment variable SURMISE_BACKEND, which comes before `wasm`. */
  readonly backend?: Backend;
  /** The program runs a few steps only: not worth native code. */
  readonly once?: boolean;
  /** Comes before the environment variable SURMISE_THREADS. */
  readonly threads?: number;
}

/**
 * Compiles `goals`.
 *
 * @throws SurmiseError if native code is asked for by name and cannot be had.
 */
export function build(goals: Goals, options: BuildOptions): Built {
  const backend = options.backend ?? fromEnvironment() ?? "wasm";
  const threads = threadsFor(options.threads);
  if (backend === "c") return buildC(goals, threads, options);
  const { compiled, module } = compileToWasm(goals, canShare() ? threads : 1, options);
  const work = compiled.kernels.reduce((n, k) => n + k.cost.flops, 0);
  const pays = !options.once && work >= WORTH_COMPILING;
  if (backend === "auto" && pays && typeof native() !== "string") {
    try {
      return buildC(goals, threads, options);
    } catch (error) {
      if (!(error instanceof SurmiseError)) throw error;
      warnOnce(`${error.message}; using WebAssembly instead`);
    }
  }
  return { compiled, machine: wasmMachine(module) };
}

function buildC(goals: Goals, threads: number, options: CompilerOptions): Built {
  const here = native();
  if (typeof here === "string") {
    throw new SurmiseError(`native code is not to be had: ${here}; use SURMISE_BACKEND=wasm`);
  }
  const { compiled, code } = compileToC(goals, here.toolchain.target, options);
  return { compiled, machine: nativeMachine(compiled, code, threads, here) };
}

function fromEnvironment(): Backend | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const name = process?.env?.SURMISE_BACKEND;
  if (name === undefined || name === "") return undefined;
  if (!BACKENDS.includes(name)) {
    throw new SurmiseError(
      `SURMISE_BACKEND is '${name}': the known ones are ${BACKENDS.join(", ")}`,
    );
  }
  return name as Backend;
}

let warned = false;

function warnOnce(message: string): void {
  if (!warned) console.warn(`surmise: ${message}`);
  warned = true;
}
