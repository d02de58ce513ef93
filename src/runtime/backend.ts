/** Which code a program becomes. */
import {
  type Compiled,
  type CompilerOptions,
  compileToC,
  compileToOracle,
  compileToWasm,
  type Goals,
  type Plan,
  plan,
} from "../compiler/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { canShare } from "./helpers.ts";
import type { Machine } from "./machine.ts";
import { native, nativeMachine } from "./native/machine.ts";
import { NOT_NODE } from "./native/node.ts";
import { oracleMachine } from "./oracle.ts";
import { threadsFor } from "./threads.ts";
import { wasmMachine } from "./wasm.ts";

/**
 * `wasm`: WebAssembly, everywhere. `c`: native code through the system's C compiler, kept in the
 * user's cache. `oracle`: graphs evaluated node by node in doubles, slowly, to check the others. `auto`:
 * C if a compiler works and the work of a step is worth its second or so, else WebAssembly.
 */
export type Backend = "auto" | "c" | "wasm" | "oracle";

const BACKENDS: readonly string[] = ["auto", "c", "wasm", "oracle"] satisfies Backend[];

/** Operations a step from which on native code pays. */
export const WORTH_COMPILING = 5e6;

export interface Built {
  readonly compiled: Compiled;
  readonly machine: Machine;
}

export interface BuildOptions extends CompilerOptions {
  /** Comes before the environment variable SURMISE_BACKEND, which comes before `auto`. */
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
  const backend = options.backend ?? fromEnvironment() ?? "auto";
  const threads = threadsFor(options.threads);
  const planned = plan(goals, options);
  if (backend === "oracle") {
    const compiled = compileToOracle(planned);
    return { compiled, machine: oracleMachine(planned, compiled) };
  }
  if (backend === "c") return buildC(planned, threads);
  if (backend === "auto" && !options.once && planned.work >= WORTH_COMPILING) {
    const here = native();
    if (typeof here !== "string") {
      try {
        return buildC(planned, threads);
      } catch (error) {
        if (!(error instanceof SurmiseError)) throw error;
        warnOnce(error.message);
      }
    } else if (here !== NOT_NODE) warnOnce(`native code is not to be had: ${here}`);
  }
  const { compiled, module } = compileToWasm(planned, canShare() ? threads : 1);
  return { compiled, machine: wasmMachine(module) };
}

function buildC(planned: Plan, threads: number): Built {
  const here = native();
  if (typeof here === "string") {
    throw new SurmiseError(`native code is not to be had: ${here}; use SURMISE_BACKEND=wasm`);
  }
  const { compiled, code } = compileToC(planned, here.toolchain.target);
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
  if (!warned) console.warn(`surmise: ${message}; using WebAssembly instead`);
  warned = true;
}
