/** WebAssembly under test, on several threads, with helpers that are at hand. */

import { compileFor } from "../../src/compiler/compile.ts";
import { type Compiled, MEETING, type Tap, type WasmModule } from "../../src/compiler/index.ts";
import { printModule } from "../../src/compiler/targets/wasm/module.ts";
import { MEETING_BYTES } from "../../src/compiler/targets/wasm/threads.ts";
import { WASM } from "../../src/compiler/targets/wasm/tile.ts";
import { Program } from "../../src/runtime/program.ts";
import { Helpers } from "../../src/runtime/threads/helpers.ts";
import { functionsOf } from "../../src/runtime/wasm/executable.ts";
import type { Graph } from "./graphs.ts";
import { counting, piecesOf } from "./pieces.ts";
import {
  execute,
  type Pieces,
  planOf,
  type Results,
  ROUNDS,
  type Run,
  type Subject,
  sameBits,
  stepsOf,
  THREADS,
  unchanged,
} from "./subject.ts";

const SLEEPERS = MEETING.sleepers / 4;

export class Wasm implements Subject {
  readonly name = "WebAssembly";
  readonly pieces: Pieces = { all: 0, helped: 0 };
  private readonly tap: Tap;
  private readonly patience: number;

  /** `patience`: milliseconds to wait for helpers before the caller begins without them. */
  constructor({ tap = unchanged, patience = 10 }: { tap?: Tap; patience?: number } = {}) {
    this.tap = counting(tap);
    this.patience = patience;
  }

  async prepare(): Promise<Run> {
    return this.run;
  }

  readonly run: Run = (graph) => {
    const compiled = compileFor(WASM, planOf(graph, this.tap), MEETING_BYTES);
    return sameBits(this.onThreads(compiled, graph));
  };

  private *onThreads(compiled: Compiled, graph: Graph): Generator<readonly [number, Results]> {
    for (const wanted of THREADS) {
      const made = printModule(compiled.kernels, compiled.memory, wanted);
      if (wanted > 1 && made.threads === 1) return;
      for (const results of this.rounds(compiled, made, graph)) yield [wanted, results];
    }
  }

  /** Results of one after the other run, in one memory. */
  private rounds(
    compiled: Compiled,
    { code, pages, threads }: WasmModule,
    graph: Graph,
  ): Results[] {
    const shared = threads > 1;
    const memory = new WebAssembly.Memory({
      initial: pages,
      ...(shared && { shared, maximum: pages }),
    });
    const module = new WebAssembly.Module(code as Uint8Array<ArrayBuffer>);
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    const machine = { backend: "wasm", memory: memory.buffer, ...functionsOf(instance) } as const;
    const program = new Program(compiled, machine, () => "");
    if (!shared) return [execute(program, graph)];

    const results: Results[] = [];
    new Helpers(module, memory, threads - 1).during(() => {
      this.awaitSleepers(new Int32Array(memory.buffer), threads - 1);
      for (let i = 0; i < ROUNDS; i++) results.push(execute(program, graph));
    });
    this.count(compiled, new Float32Array(memory.buffer), threads, stepsOf(graph));
    return results;
  }

  /** Waits until all helpers have come and, as there is nothing to do yet, sleep. */
  private awaitSleepers(words: Int32Array, helpers: number): void {
    const end = performance.now() + this.patience;
    while (Atomics.load(words, SLEEPERS) < helpers && performance.now() < end);
  }

  private count(compiled: Compiled, memory: Float32Array, threads: number, steps: number): void {
    const { size, scratch } = compiled.memory;
    this.pieces.all += ROUNDS * piecesOf(compiled.kernels, steps);
    for (let helper = 1; helper < threads; helper++) {
      this.pieces.helped += memory[(size + helper * scratch) / 4];
    }
  }
}
