/** Which code a program becomes. */
import {
  type CompilerOptions,
  compileToC,
  compileToOracle,
  compileToWasm,
  type ExplainedStage,
  explain,
  type Layout,
  PAGE,
  type Plan,
  type ProgramRoots,
  plan,
} from "../compiler/index.ts";
import { nodesOf, SurmiseError, sizeOf } from "../tensor/internal.ts";
import type { Executable } from "./executable.ts";
import { describeBytes, machineMemory, refuseMemory, WASM_BYTES } from "./memory.ts";
import { native, nativeExecutable, nativeProgram } from "./native/executable.ts";
import { NOT_NODE } from "./native/node.ts";
import { type CacheEntry, cacheEntry, loadProgram, storeProgram } from "./native/records.ts";
import { oracleExecutable } from "./oracle.ts";
import { threadsFor } from "./threads/count.ts";
import { canShare } from "./threads/helpers.ts";
import { wasmExecutable } from "./wasm/executable.ts";

/**
 * `wasm`: WebAssembly, everywhere. `c`: native code through the system's C compiler, kept in the
 * user's cache. `oracle`: graphs evaluated node by node in doubles, slowly, to check the others. `auto`:
 * C if a compiler works and the work of all steps to come is worth its second or so, else WebAssembly.
 */
export type Backend = "auto" | "c" | "wasm" | "oracle";

/** All of them. */
export const BACKENDS: readonly string[] = ["auto", "c", "wasm", "oracle"] satisfies Backend[];

/** Operations in all steps to come from which on native code pays each second that it takes to make. */
export const WORTH_COMPILING = 5e9;

/** Steps to come, unless it is said how many. */
const STEPS = 1000;

/**
 * Nodes of a graph whose native code takes a second to make; of fewer it takes as long. Of the 4833 of a flow over three
 * numbers it takes 6 s: `SURMISE_BACKEND=c surmise fit MODEL.ts --method flow` tells what it was compiled in.
 */
const NODES_OF_A_SECOND = 1000;

/** Operations of a step below which native code is no faster, however many steps there are. */
const SMALLEST_STEP = 1e4;

/** Operations of a step from which on native code pays if so many are to come. */
const worthCompiling = ({ steps = STEPS }: BuildOptions) =>
  Math.max(SMALLEST_STEP, WORTH_COMPILING / steps);

/** A step may be that much work if there are so many times fewer elements in all tensors of its graph. */
const WORK_OF_AN_ELEMENT = 40;

/** A program that can be run. */
export interface Built {
  /** Where its values are. */
  readonly layout: Layout;
  /** What runs it. */
  readonly machine: Executable;
  /** Prints the program after a stage of the compiler. */
  readonly explain: (stage: ExplainedStage) => string;
}

/** The choice of backend and threads. */
export interface BuildOptions extends CompilerOptions {
  /** Comes before the environment variable SURMISE_BACKEND, which comes before `auto`. */
  readonly backend?: Backend;
  /** About how many steps the program will run, 1000 unless given: few are not worth native code. */
  readonly steps?: number;
  /** Comes before the environment variable SURMISE_THREADS. */
  readonly threads?: number;
}

/**
 * Compiles `roots`.
 *
 * @throws SurmiseError if native code is asked for by name and cannot be had.
 */
export function build(roots: ProgramRoots, options: BuildOptions): Built {
  const backend = options.backend ?? fromEnvironment() ?? "auto";
  const threads = threadsFor(options.threads);
  const place = placeFor(roots, backend, options);
  const again = place && loadProgram(place, threads, backend === "c" ? 0 : worthCompiling(options));
  if (place !== undefined && again !== undefined) {
    const { target } = place.native.toolchain;
    return {
      ...again,
      explain: (stage) => {
        const planned = plan(roots, options);
        return explain(stage, planned.roots, compileToC(planned, target).compiled);
      },
    };
  }

  const planned = plan(roots, options);
  if (backend === "oracle") {
    const compiled = compileToOracle(planned);
    const machine = oracleExecutable(planned, compiled);
    return {
      layout: compiled,
      machine,
      explain: (stage) => explain(stage, planned.roots, compiled),
    };
  }
  if (backend === "c") return buildC(planned, threads, place);
  if (backend === "auto" && worthOf(planned) >= worthCompiling(options) * secondsOf(planned)) {
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
  if (module.pages * PAGE >= WASM_BYTES) {
    if (backend === "auto" && typeof native() !== "string") return buildC(planned, threads, place);
    const hint = backend === "wasm" ? ", or native code (SURMISE_BACKEND=c)" : "";
    refuseMemory(compiled.memory, "the 4 GiB that WebAssembly addresses", hint);
  }
  return {
    layout: compiled,
    machine: wasmExecutable(module),
    explain: (stage) => explain(stage, planned.roots, compiled),
  };
}

/** Where it is recorded what `roots` became, if they may become a native program. */
function placeFor(
  roots: ProgramRoots,
  backend: Backend,
  options: BuildOptions,
): CacheEntry | undefined {
  const { tap, grain } = options;
  const least = worthCompiling(options) / WORK_OF_AN_ELEMENT;
  const perhaps = backend === "c" || (backend === "auto" && maybeLarge(roots, least));
  const here = perhaps && tap === undefined ? native() : NOT_NODE;
  return typeof here === "string" ? undefined : cacheEntry(roots, grain, here);
}

/** Whether a step may be worth native code, as far as its graph shows. */
function maybeLarge({ outputs, updates }: ProgramRoots, least: number): boolean {
  const nodes = nodesOf([...outputs, ...updates].map(({ value }) => value));
  if (nodes.some((node) => node.op === "scan")) return true;
  const elements = nodes.reduce((total, node) => total + sizeOf(node.axes), 0);
  return elements >= least;
}

/** About how long native code takes to make, in units of that of small programs. */
function secondsOf({ roots: { outputs, updates } }: Plan): number {
  const nodes = nodesOf([...outputs, ...updates].map(({ value }) => value));
  return Math.max(1, nodes.length / NODES_OF_A_SECOND);
}

/** Operations of a step, and its share of those of the prologue. */
function worthOf({ work: { prologue, step } }: Plan): number {
  return step + prologue / STEPS;
}

function buildC(planned: Plan, threads: number, place: CacheEntry | undefined): Built {
  const here = native();
  if (typeof here === "string") {
    throw new SurmiseError(`native code is not to be had: ${here}; use SURMISE_BACKEND=wasm`);
  }
  const { compiled, code } = compileToC(planned, here.toolchain.target);
  const most = machineMemory();
  if (compiled.memory.size > most) {
    refuseMemory(compiled.memory, `the ${describeBytes(most)} of this machine`);
  }
  const program = nativeProgram(code, compiled, here);
  if (place !== undefined)
    storeProgram(place, { layout: compiled, program, work: worthOf(planned) });
  const machine = nativeExecutable(program, threads, here);
  return { layout: compiled, machine, explain: (stage) => explain(stage, planned.roots, compiled) };
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
