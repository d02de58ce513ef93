/** Which code a program becomes. */
import {
  type Compiled,
  compileToC,
  compileToWasm,
  type Goals,
  type Tap,
} from "../compiler/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import type { Machine } from "./machine.ts";
import { native, nativeMachine } from "./native/machine.ts";
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

/**
 * Compiles `goals`. `wish` comes before the environment variable SURMISE_BACKEND, which comes before
 * `wasm`; `once` says that the program runs a few steps only.
 *
 * @throws SurmiseError if native code is asked for by name and cannot be had.
 */
export function build(goals: Goals, wish: Backend | undefined, once: boolean, tap?: Tap): Built {
  const backend = wish ?? fromEnvironment() ?? "wasm";
  if (backend === "c") return buildC(goals, tap);
  const wasm = compileToWasm(goals, tap);
  const work = wasm.compiled.kernels.reduce((n, k) => n + k.cost.flops, 0);
  if (backend === "auto" && !once && work >= WORTH_COMPILING && typeof native() !== "string") {
    try {
      return buildC(goals, tap);
    } catch (error) {
      if (!(error instanceof SurmiseError)) throw error;
      warnOnce(`${error.message}; using WebAssembly instead`);
    }
  }
  return { compiled: wasm.compiled, machine: wasmMachine(wasm.compiled, wasm.code) };
}

function buildC(goals: Goals, tap?: Tap): Built {
  const here = native();
  if (typeof here === "string") {
    throw new SurmiseError(`native code is not to be had: ${here}; use SURMISE_BACKEND=wasm`);
  }
  const { compiled, code } = compileToC(goals, here.toolchain.target, tap);
  return { compiled, machine: nativeMachine(compiled, code, here) };
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
