/** From expressions to code: the passes, by name and in order. */
import type { Tensor } from "../tensor/index.ts";
import type { Buffer } from "./buffer.ts";
import { printC } from "./c/print.ts";
import { simplify } from "./graph/simplify.ts";
import type { Kernel, Target } from "./loops/loops.ts";
import { lower } from "./loops/lower.ts";
import { type MemoryPlan, planMemory } from "./memory.ts";
import type { Goals } from "./schedule/items.ts";
import { type Schedule, schedule } from "./schedule/schedule.ts";
import { printModule, type WasmModule } from "./wasm/module.ts";
import { MEETING_BYTES } from "./wasm/threads.ts";
import { WASM } from "./wasm/tile.ts";

/** What each pass hands to the next. */
export interface Stages {
  readonly simplify: Goals;
  readonly schedule: Schedule;
  readonly lower: readonly Kernel[];
  readonly memory: MemoryPlan;
}

/** Sees what a pass hands on and may replace it: for looking into the compiler and for testing it. */
export type Tap = <S extends keyof Stages>(stage: S, result: Stages[S]) => Stages[S];

/** A program in memory, but for the code that runs it. */
export interface Compiled {
  readonly inputs: ReadonlyMap<string, Buffer>;
  readonly outputs: ReadonlyMap<string, Buffer>;
  readonly literals: readonly { readonly buffer: Buffer; readonly node: Tensor }[];
  readonly kernels: readonly Kernel[];
  readonly memory: MemoryPlan;
}

const unchanged: Tap = (_, result) => result;

export interface CompilerOptions {
  readonly tap?: Tap;
  /** Operations from which on work is cut into pieces for threads, instead of what suits the target. */
  readonly grain?: number;
}

/** Compiles a step that computes `goals` to a WebAssembly module for at most `threads` threads. */
export function compileToWasm(
  goals: Goals,
  threads: number,
  options: CompilerOptions = {},
): { readonly compiled: Compiled; readonly module: WasmModule } {
  const compiled = compileFor(WASM, goals, MEETING_BYTES, options);
  return { compiled, module: printModule(compiled.kernels, compiled.memory, threads) };
}

/** Compiles a step that computes `goals` to the text of a C program. */
export function compileToC(
  goals: Goals,
  target: Target,
  options: CompilerOptions = {},
): { readonly compiled: Compiled; readonly code: string } {
  const compiled = compileFor(target, goals, 0, options);
  return { compiled, code: printC(compiled.kernels, compiled.memory, target) };
}

function compileFor(
  machine: Target,
  goals: Goals,
  reserved: number,
  { tap = unchanged, grain = machine.grain }: CompilerOptions,
): Compiled {
  const target = { ...machine, grain };
  const simple = tap("simplify", simplifyGoals(goals));
  const scheduled = tap("schedule", schedule(simple));
  const kernels = tap("lower", lower(scheduled, target));
  const buffers = [...scheduled.buffers];
  const sources = buffers.filter(([, b]) => b.kind === "input" || b.kind === "literal");
  const lasting = [...sources.map(([, b]) => b), ...scheduled.outputs.values()];
  const memory = tap("memory", planMemory(kernels, lasting, reserved));
  return {
    inputs: new Map(sources.filter(([, b]) => b.kind === "input").map(([, b]) => [b.name, b])),
    outputs: scheduled.outputs,
    literals: sources
      .filter(([, b]) => b.kind === "literal")
      .map(([node, b]) => ({ buffer: b, node })),
    kernels,
    memory,
  };
}

function simplifyGoals({ outputs, updates }: Goals): Goals {
  const roots = [
    ...outputs.map((o) => o.value),
    ...updates.map((u) => u.value),
    ...updates.map((u) => u.input),
  ];
  const simple = simplify(roots);
  const n = outputs.length;
  return {
    outputs: outputs.map((o, i) => ({ name: o.name, value: simple[i] })),
    updates: updates.map((_, i) => ({
      value: simple[n + i],
      input: simple[n + updates.length + i],
    })),
  };
}
