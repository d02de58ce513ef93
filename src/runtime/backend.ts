/** Which code a program becomes. */
import {
  type CompilerOptions,
  compileToC,
  compileToOracle,
  compileToWasm,
  explain,
  type Layout,
  type Plan,
  type ProgramRoots,
  plan,
} from "../compiler/index.ts";
import { nodesOf, SurmiseError, sizeOf } from "../tensor/index.ts";
import type { Executable } from "./executable.ts";
import { canShare } from "./helpers.ts";
import { native, nativeExecutable, nativeProgram } from "./native/executable.ts";
import { NOT_NODE } from "./native/node.ts";
import { type CacheEntry, cacheEntry, loadProgram, storeProgram } from "./native/records.ts";
import { oracleExecutable } from "./oracle.ts";
import { threadsFor } from "./threads.ts";
import { wasmExecutable } from "./wasm.ts";

/**
 * `wasm`: WebAssembly, everywhere. `c`: native code through the system's C compiler, kept in the
 * user's cache. `oracle`: graphs evaluated node by node in doubles, slowly, to check the others. `auto`:
 * C if a compiler works and the work of a step is worth its second or so, else WebAssembly.
 */
export type Backend = "auto" | "c" | "wasm" | "oracle";

const BACKENDS: readonly string[] = ["auto", "c", "wasm", "oracle"] satisfies Backend[];

/** Operations a step from which on native code pays. */
export const WORTH_COMPILING = 5e6;

/** Elements in all tensors of a graph from which on its step may be so much work. */
const WORTH_LOOKING = WORTH_COMPILING / 40;

export interface Built {
  readonly layout: Layout;
  readonly machine: Executable;
  /** Prints the kernels. */
  readonly explain: () => string;
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
export function build(goals: ProgramRoots, options: BuildOptions): Built {
  const backend = options.backend ?? fromEnvironment() ?? "auto";
  const threads = threadsFor(options.threads);
  const place = placeFor(goals, backend, options);
  const again = place && loadProgram(place, threads, backend === "c" ? 0 : WORTH_COMPILING);
  if (place !== undefined && again !== undefined) {
    const { target } = place.native.toolchain;
    const compiled = () => compileToC(plan(goals, options), target).compiled;
    return { ...again, explain: () => explain(compiled()) };
  }

  const planned = plan(goals, options);
  if (backend === "oracle") {
    const compiled = compileToOracle(planned);
    const machine = oracleExecutable(planned, compiled);
    return { layout: compiled, machine, explain: () => explain(compiled) };
  }
  if (backend === "c") return buildC(planned, threads, place);
  if (backend === "auto" && !options.once && planned.work >= WORTH_COMPILING) {
    const here = native();
    if (typeof here !== "string") {
      try {
        return buildC(planned, threads, place);
      } catch (error) {
        if (!(error instanceof SurmiseError)) throw error;
        warnOnce(error.message);
      }
    } else if (here !== NOT_NODE) warnOnce(`native code is not to be had: ${here}`);
  }
  const { compiled, module } = compileToWasm(planned, canShare() ? threads : 1);
  return { layout: compiled, machine: wasmExecutable(module), explain: () => explain(compiled) };
}

/** Where it is recorded what `goals` became, if they may become a native program. */
function placeFor(
  goals: ProgramRoots,
  backend: Backend,
  options: BuildOptions,
): CacheEntry | undefined {
  const { once, tap, grain } = options;
  const perhaps = backend === "c" || (backend === "auto" && !once && maybeLarge(goals));
  const here = perhaps && tap === undefined ? native() : NOT_NODE;
  return typeof here === "string" ? undefined : cacheEntry(goals, grain, here);
}

/** Whether a step may be worth native code, as far as its graph shows. */
function maybeLarge({ outputs, updates }: ProgramRoots): boolean {
  const nodes = nodesOf([...outputs, ...updates].map(({ value }) => value));
  if (nodes.some((node) => node.op === "scan")) return true;
  const elements = nodes.reduce((total, node) => total + sizeOf(node.axes), 0);
  return elements >= WORTH_LOOKING;
}

function buildC(planned: Plan, threads: number, place: CacheEntry | undefined): Built {
  const here = native();
  if (typeof here === "string") {
    throw new SurmiseError(`native code is not to be had: ${here}; use SURMISE_BACKEND=wasm`);
  }
  const { compiled, code } = compileToC(planned, here.toolchain.target);
  const program = nativeProgram(code, compiled, here);
  if (place !== undefined) storeProgram(place, { layout: compiled, program, work: planned.work });
  const machine = nativeExecutable(program, threads, here);
  return { layout: compiled, machine, explain: () => explain(compiled) };
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
