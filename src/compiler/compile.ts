/** From expressions to code: the passes, by name and in order. */
import {
  checkArguments,
  listOf,
  NUMBER,
  OBJECT,
  objectWith,
  TENSOR,
  TEXT,
  type Tensor,
} from "../tensor/internal.ts";
import type { Buffer } from "./buffer.ts";
import { CHAIN, type Kernel, type Target } from "./loops/loops.ts";
import { lower } from "./loops/lower.ts";
import { type MemoryPlan, planMemory } from "./memory.ts";
import { type Schedule, schedule } from "./schedule/schedule.ts";
import { simplifyRoots } from "./schedule/simplifyRoots.ts";
import type { ProgramRoots } from "./schedule/stores.ts";
import { type ScheduleWork, workOf } from "./schedule/work.ts";
import { printC } from "./targets/c/print.ts";
import { printModule, type WasmModule } from "./targets/wasm/module.ts";
import { MEETING_BYTES } from "./targets/wasm/threads.ts";
import { WASM } from "./targets/wasm/tile.ts";

/** What each pass hands to the next. */
export interface Stages {
  /** The expressions after common-subexpression elimination, constant folding and rewriting. */
  readonly simplify: ProgramRoots;
  /** What is stored, in fusion groups, in order. */
  readonly schedule: Schedule;
  /** The loop nests. */
  readonly lower: readonly Kernel[];
  /** The offsets of the buffers. */
  readonly memory: MemoryPlan;
}

/** Sees what a pass hands on and may replace it: for looking into the compiler and for testing it. */
export type Tap = <S extends keyof Stages>(stage: S, result: Stages[S]) => Stages[S];

/** Where the values are that a program takes, holds and gives. */
export interface Layout {
  /** By name. */
  readonly inputs: ReadonlyMap<string, Buffer>;
  /** By name. */
  readonly outputs: ReadonlyMap<string, Buffer>;
  /** Tensors of known values, written once before the first run. */
  readonly literals: readonly { readonly buffer: Buffer; readonly node: Tensor }[];
  /** Where each buffer begins, and how many bytes there are in all. */
  readonly memory: Pick<MemoryPlan, "offsets" | "size">;
  /**
   * The inputs that the prologue reads, which has to run before the first step and whenever one of them has
   * been written; undefined if there is no prologue.
   */
  readonly prologue: readonly string[] | undefined;
}

/** Kernels and memory plan of a program, without machine code. */
export interface Compiled extends Layout {
  /** In the order in which they run. */
  readonly kernels: readonly Kernel[];
  /** The offsets of the buffers. */
  readonly memory: MemoryPlan;
}

const unchanged: Tap = (_, result) => result;

/** What tests and benchmarks may change of a compilation. */
export interface CompilerOptions {
  /** Sees, and may replace, what each pass hands on. */
  readonly tap?: Tap;
  /** Operations from which on work is cut into tasks for threads, instead of what suits the target. */
  readonly grain?: number;
  /** The most float32 additions in a row, instead of `CHAIN`. At least 4. */
  readonly chain?: number;
}

/** A step after the passes that are the same for every target. */
export interface Plan {
  /** Simplified. */
  readonly roots: ProgramRoots;
  /** What is stored, in fusion groups, in order. */
  readonly schedule: Schedule;
  /** The floating-point operations and bytes of the prologue and of a step. */
  readonly work: ScheduleWork;
  /** Those that it was made with. */
  readonly options: CompilerOptions;
}

const PLAN = objectWith({ roots: OBJECT, schedule: OBJECT, options: OBJECT });
const ROOTS = objectWith({
  outputs: listOf(objectWith({ name: TEXT, value: TENSOR })),
  updates: listOf(objectWith({ input: TENSOR, value: TENSOR })),
});

/** Plans a step that computes `roots`. */
export function plan(roots: ProgramRoots, options: CompilerOptions = {}): Plan {
  checkArguments("plan", { roots }, ROOTS);
  checkArguments("plan", { options }, OBJECT);
  const { tap = unchanged } = options;
  const simple = tap("simplify", simplifyRoots(roots));
  const scheduled = tap("schedule", schedule(simple));
  return { roots: simple, schedule: scheduled, work: workOf(scheduled), options };
}

/** A WebAssembly module for at most `threads` threads. */
export function compileToWasm(
  plan: Plan,
  threads: number,
): { readonly compiled: Compiled; readonly module: WasmModule } {
  checkArguments("compileToWasm", { plan }, PLAN);
  checkArguments("compileToWasm", { threads }, NUMBER);
  const compiled = compileFor(WASM, plan, MEETING_BYTES);
  return { compiled, module: printModule(compiled.kernels, compiled.memory, threads) };
}

/** The text of a C program. */
export function compileToC(
  plan: Plan,
  target: Target,
): { readonly compiled: Compiled; readonly code: string } {
  checkArguments("compileToC", { plan }, PLAN);
  checkArguments("compileToC", { target }, OBJECT);
  const compiled = compileFor(target, plan, 0);
  return { compiled, code: printC([{ name: "surmise_program", ...compiled }], target) };
}

/** A program whose steps the oracle evaluates: no kernels, only memory for inputs and outputs. */
export function compileToOracle(plan: Plan): Compiled {
  checkArguments("compileToOracle", { plan }, PLAN);
  const { schedule: scheduled } = plan;
  return inMemory(scheduled, [], 0, unchanged);
}

/** The kernels and the memory of a program for `machine`, behind `reserved` bytes. */
export function compileFor(
  machine: Target,
  { schedule: scheduled, options }: Plan,
  reserved: number,
): Compiled {
  const { tap = unchanged, grain = machine.minTaskWork, chain = CHAIN } = options;
  const kernels = tap("lower", lower(scheduled, { ...machine, minTaskWork: grain, chain }));
  return inMemory(scheduled, kernels, reserved, tap);
}

function inMemory(
  scheduled: Schedule,
  kernels: readonly Kernel[],
  reserved: number,
  tap: Tap,
): Compiled {
  const buffers = [...scheduled.buffers];
  const sources = buffers.filter(([, b]) => b.kind === "input" || b.kind === "literal");
  const results = new Set([...scheduled.outputs.values(), ...scheduled.lasting]);
  const lasting = [...sources.map(([, b]) => b), ...results];
  const memory = tap("memory", planMemory(kernels, lasting, reserved));
  const once = kernels.filter((kernel) => kernel.prologue);
  const read = new Set(once.flatMap((kernel) => kernel.reads).filter((b) => b.kind === "input"));
  return {
    prologue: once.length === 0 ? undefined : [...read].map((b) => b.name),
    inputs: new Map(sources.filter(([, b]) => b.kind === "input").map(([, b]) => [b.name, b])),
    outputs: scheduled.outputs,
    literals: sources
      .filter(([, b]) => b.kind === "literal")
      .map(([node, b]) => ({ buffer: b, node })),
    kernels,
    memory,
  };
}
