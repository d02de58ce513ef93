/** C under test: many programs in one file, on several threads. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileFor } from "../../src/compiler/compile.ts";
import type { Compiled, Tap, Target } from "../../src/compiler/index.ts";
import { printC } from "../../src/compiler/targets/c/print.ts";
import {
  type Native,
  NativeMachine,
  RUN,
  type Tables,
} from "../../src/runtime/native/executable.ts";
import { POOL } from "../../src/runtime/native/pool.ts";
import { Program } from "../../src/runtime/program.ts";
import type { Graph } from "./graphs.ts";
import { piecesOf } from "./pieces.ts";
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

/** Runs programs, and says how many pieces others than the callers have done. */
interface Pool {
  readonly run: (call: number) => void;
  readonly helped: () => number;
}

export interface NativeOptions {
  readonly name?: string;
  readonly target?: Target;
  readonly flags?: readonly string[];
  readonly tap?: Tap;
}

/** Bytes behind a program's memory that nobody else uses: what a faulty program writes there hurts no one. */
const GUARD = 65536;

export class NativeCode implements Subject {
  readonly name: string;
  readonly pieces: Pieces = { all: 0, helped: 0 };
  private readonly native: Native;
  private readonly target: Target;
  private readonly flags: readonly string[];
  private readonly tap: Tap;

  /** With the flags and for the processor of this machine unless told otherwise. */
  constructor(native: Native, options: NativeOptions = {}) {
    const { toolchain } = native;
    this.native = native;
    this.target = options.target ?? toolchain.target;
    this.flags = options.flags ?? toolchain.flags;
    this.name = options.name ?? "C";
    this.tap = options.tap ?? unchanged;
  }

  async prepare(graphs: readonly Graph[]): Promise<Run> {
    const made = graphs.map((graph) => compileFor(this.target, planOf(graph, this.tap), 0));
    const named = made.map((compiled, i) => ({ name: `program_${i}`, ...compiled }));
    const [library, pool] = await Promise.all([
      load(this.native, printC(named, this.target), this.flags),
      poolOf(this.native),
    ]);
    const known = new Map(
      graphs.map((graph, i) => [
        graph,
        {
          program: library.func(`void *program_${i}(void)`),
          prologue: library.func(`void *program_${i}_prologue(void)`),
        },
      ]),
    );
    const compiled = new Map(graphs.map((graph, i) => [graph, made[i]]));
    return (graph) => {
      const tables = known.get(graph) as Tables;
      return sameBits(this.onThreads(compiled.get(graph) as Compiled, tables, pool, graph));
    };
  }

  private *onThreads(
    compiled: Compiled,
    tables: Tables,
    pool: Pool,
    graph: Graph,
  ): Generator<readonly [number, Results]> {
    const bytes = new Uint8Array(compiled.memory.size + GUARD);
    const { koffi } = this.native.node;
    const on = (threads: number) =>
      new Program(
        compiled,
        new NativeMachine(tables, bytes.buffer, threads, pool.run, koffi),
        () => "",
      );
    const pieces = piecesOf(compiled.kernels, stepsOf(graph));
    yield [1, execute(on(1), graph)];
    for (const threads of THREADS.filter((n) => n > 1 && pieces > 0)) {
      const program = on(threads);
      const before = pool.helped();
      for (let i = 0; i < ROUNDS; i++) yield [threads, execute(program, graph)];
      this.pieces.all += ROUNDS * pieces;
      this.pieces.helped += pool.helped() - before;
    }
  }
}

/** The library of threads with a count of its own. */
const COUNTING_POOL = `${POOL.replace(
  "      done++;",
  "      if (first > 0) helped++;\n      done++;",
).replace("static int64_t helpers;", "static int64_t helpers;\nstatic _Atomic int64_t helped;")}
int64_t surmise_helped(void) { return helped; }
`;

let pool: Promise<Pool> | undefined;

async function poolOf(native: Native): Promise<Pool> {
  pool ??= load(native, COUNTING_POOL, native.toolchain.flags).then((library) => {
    const helped = library.func("int64_t surmise_helped(void)");
    return { run: library.func(RUN), helped: () => Number(helped()) };
  });
  return pool;
}

/** Compiles C in a folder that is gone afterwards, and loads it. */
async function load({ node, toolchain }: Native, text: string, flags: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "surmise-fuzz-"));
  const [from, to] = [join(folder, "program.c"), join(folder, "program.so")];
  try {
    writeFileSync(from, text);
    const compiler = spawn(toolchain.command, [...flags, from, "-o", to, "-lm", "-pthread"]);
    let said = "";
    compiler.stderr.on("data", (part) => {
      said += part;
    });
    const status = await new Promise((resolve, reject) => {
      compiler.on("close", resolve).on("error", reject);
    });
    if (status !== 0) throw new Error(`${toolchain.command} failed: ${said}`);
    return node.koffi.load(to);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
