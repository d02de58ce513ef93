/** Puts phases together to a module that exports `prologue`, `run` and, for threads, `help(number)`. */
import type { Kernel } from "../../loops/loops.ts";
import { executionOrder, phasesOf, tileUses } from "../../loops/phases.ts";
import type { MemoryPlan } from "../../memory.ts";
import { encodeModule, type FunctionBody } from "./encode.ts";
import { printPhase } from "./print.ts";
import { runAlone, runTogether } from "./threads.ts";
import { tileFunction, WASM } from "./tile.ts";

/** Bytes of a page of WebAssembly memory. */
export const PAGE = 65536;

/** A program as a WebAssembly module. */
export interface WasmModule {
  /** The binary. */
  readonly code: Uint8Array;
  /** How many pages of memory it needs. */
  readonly pages: number;
  /** How many threads it is for, that which calls `run` among them; their memory is shared. */
  readonly threads: number;
}

/** A module for at most `threads` threads: for one, if nothing in the program can be shared out. */
export function printModule(
  kernels: readonly Kernel[],
  memory: MemoryPlan,
  threads: number,
): WasmModule {
  const functions: FunctionBody[] = [];
  const tiles = new Map<string, number>();
  for (const [name, use] of tileUses(kernels, WASM.vectorBytes)) {
    tiles.set(name, functions.length);
    functions.push(tileFunction(use));
  }
  const once = phasesOf(kernels.filter((k) => k.prologue));
  const often = phasesOf(kernels.filter((k) => !k.prologue));
  const courses = {
    prologue: executionOrder(once, memory.offsets),
    run: executionOrder(often, memory.offsets, once.length),
  };
  const phases = [...once, ...often].map((phase) => {
    functions.push(printPhase(phase, memory.offsets, tiles));
    return { number: functions.length - 1, tasks: phase.tasks };
  });
  const together = threads > 1 && phases.some(({ tasks }) => tasks !== undefined);
  const scratch = { start: memory.size, apart: memory.scratch };
  functions.push(
    ...(together
      ? runTogether(phases, courses, threads, scratch, functions.length)
      : runAlone(phases, courses)),
  );
  const used = together ? threads : 1;
  const pages = Math.ceil((memory.size + used * memory.scratch) / PAGE);
  const table = phases.map(({ number }) => number);
  const module = { functions, table, pages, shared: together, scratch: memory.size };
  return { code: encodeModule(module), pages, threads: used };
}
