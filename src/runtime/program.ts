/** A compiled program: its memory, its inputs and outputs, and running it. */

import type { Buffer, ExplainedStage, Layout } from "../compiler/index.ts";
import {
  ANYTHING,
  type Axis,
  allocate,
  checkArguments,
  type DType,
  dataOver,
  describeAxes,
  type Nested,
  OBJECT,
  type Operation,
  optional,
  optionsWith,
  SurmiseError,
  TEXT,
  type TypedArray,
  wholeNumber,
} from "../tensor/internal.ts";
import { type Executable, type Flag, type Linkage, NO_FLAG } from "./executable.ts";
import type { Place, ProgramReplica } from "./replica.ts";
import { broadcast, type Values } from "./values.ts";

/** How `Program.run` runs. */
export interface RunOptions {
  /** How many steps; 1 unless given, and 0 runs none. */
  readonly steps?: number;
  /** The scalar input or output that ends the run once it is not zero. */
  readonly until?: string;
  /** Values that are written before. */
  readonly inputs?: Readonly<Record<string, Nested>>;
}

/** What an argument that is `RunOptions` must be. */
const RUN_OPTIONS = optionsWith<RunOptions>({
  steps: ANYTHING,
  until: optional(TEXT),
  inputs: optional(OBJECT),
});

/** Steps are counted in 32 bits. */
const MOST_STEPS = 2 ** 31 - 1;

/** A step, ready to run. Its inputs keep their values from one run to the next. */
export class Program {
  /** The names of the inputs, with their axes in the order of flat data. */
  readonly inputs: ReadonlyMap<string, { readonly axes: readonly Axis[]; readonly dtype: DType }>;
  private readonly layout: Layout;
  private readonly machine: Executable;
  private readonly explained: (stage: ExplainedStage) => string;
  /** Inputs that a step reads and that have not been given values. */
  private readonly unset: Set<string>;
  /** The axes of outputs in the order in which `run` gives them. */
  private readonly orders: ReadonlyMap<string, readonly Axis[]>;
  private readonly views = new Map<Buffer, TypedArray>();
  private readonly flags = new Map<string, Flag>();
  private made = 0;
  /** Whether an input has been written since the prologue ran, of which it has to know. */
  private stale: boolean;

  /** `reads` are the inputs that a step needs; `orders` those of the axes of outputs, as they are kept unless given. */
  constructor(
    layout: Layout,
    machine: Executable,
    explained: (stage: ExplainedStage) => string,
    reads: Set<string> = new Set(),
    orders: ReadonlyMap<string, readonly Axis[]> = new Map(),
  ) {
    this.inputs = new Map(
      [...layout.inputs].map(([name, b]) => [name, { axes: b.order, dtype: b.dtype }]),
    );
    this.layout = layout;
    this.machine = machine;
    this.explained = explained;
    this.unset = reads;
    this.orders = orders;
    this.stale = layout.prologue !== undefined;
    for (const { buffer, node } of layout.literals) {
      const { data, order } = node.operation as Extract<Operation, { op: "literal" }>;
      this.viewOf(buffer).set(broadcast({ axes: order, dtype: buffer.dtype, data }, buffer.order));
    }
  }

  /** What runs the program. */
  get backend(): Executable["backend"] {
    return this.machine.backend;
  }

  /** Bytes of memory the program holds. */
  get bytes(): number {
    return this.machine.memory.byteLength;
  }

  /**
   * Sets an input to values row-major over its axes, in any form that `tensor` takes. They become the type of
   * the input: fractions are rounded to the nearest float, whole numbers up to 2^53 kept exactly.
   *
   * @throws SurmiseError naming the place, if there is no such input, lists are not as long as their axes,
   * something is no number, or the type does not hold it.
   */
  write(name: string, data: Nested): void {
    const b = this.input(name);
    const view = this.viewOf(b);
    if (isSmallLike(data, view)) for (let i = 0; i < view.length; i++) view[i] = data[i];
    else
      view.set(dataOver(`input '${name}' over ${describeAxes(b.order)}`, data, b.order, b.dtype));
    this.unset.delete(name);
    if (this.layout.prologue?.includes(name)) this.stale = true;
  }

  /**
   * A copy of the present values of an input or of an output of the last run.
   *
   * @throws SurmiseError if there is no such name, or the input has not been given values.
   */
  read(name: string): Values {
    const b = this.held(name);
    if (this.unset.has(name)) this.refuseUnset();
    return { axes: b.order, dtype: b.dtype, data: this.viewOf(b).slice() };
  }

  /**
   * The present values of an input, or of an output of the last run, where they lie in memory: row-major over
   * the axes that `read` gives, the same array at every call, with new values after every run. For seeing
   * only: an input is set by `write`, which knows what has to be computed again.
   *
   * @throws SurmiseError if there is no such input or output.
   */
  view(name: string): TypedArray {
    return this.viewOf(this.held(name));
  }

  /**
   * This program with its present memory, for another thread; undefined where it cannot be had, as of the oracle and of
   * WebAssembly for several threads.
   *
   * @param names of inputs and outputs whose places are to be known there
   * @throws SurmiseError if there is no such input or output, or inputs have never been given values.
   */
  replica(names: readonly string[]): ProgramReplica | undefined {
    const { code, memory } = this.machine;
    if (code === undefined) return undefined;
    this.prepare();
    const places = names.map((name) => [name, this.place(name)] as const);
    const copy = memory.slice(0) as ArrayBuffer;
    return { code, memory: copy, places: Object.fromEntries(places) };
  }

  /** How other modules of WebAssembly call it, if they can: `prepare` has to be called first. */
  get linkage(): Linkage | undefined {
    return this.machine.linkage;
  }

  /**
   * Where an input or output lies in memory.
   *
   * @throws SurmiseError if there is no such input or output.
   */
  place(name: string): Place {
    const b = this.held(name);
    return { offset: this.offset(b), length: b.length, dtype: b.dtype };
  }

  /**
   * Does what has to be done after inputs have been written, before others call the program in its memory.
   *
   * @throws SurmiseError naming the inputs that have never been given values.
   */
  prepare(): void {
    if (this.unset.size > 0) this.refuseUnset();
    if (!this.stale) return;
    this.machine.runPrologue();
    this.stale = false;
  }

  /**
   * Runs `steps` steps, or fewer: none after the one at whose end the scalar input or output `until` is not
   * zero. Returns how many were made. Allocates nothing; inputs are set by `write`, results seen by `view`.
   *
   * @throws SurmiseError if there is no scalar of that name, if `steps` is not a whole number from 0 to
   * 2^31 - 1, or naming the inputs that have never been given values.
   */
  step(steps = 1, until?: string): number {
    if (!(steps >= 0 && steps <= MOST_STEPS && Number.isInteger(steps))) {
      wholeNumber("run: steps", steps, { most: MOST_STEPS });
    }
    if (steps > 0) this.prepare();
    else if (this.unset.size > 0) this.refuseUnset();
    const flag = until === undefined ? NO_FLAG : this.flag(until);
    this.made = this.machine.run(steps, flag);
    return this.made;
  }

  /** How many steps the last run made. */
  get stepsMade(): number {
    return this.made;
  }

  /**
   * Sets `inputs`, runs `steps` steps (1 unless said otherwise; 0 runs none), or fewer with `until` as in `step`,
   * and returns the last outputs, row-major over the axes of their expressions in their order; `stepsMade` says after
   * how many steps.
   *
   * @throws SurmiseError as `write` and `step`.
   */
  run(options: RunOptions = {}): Record<string, Values> {
    checkArguments("run", { options }, RUN_OPTIONS);
    const { inputs = {}, steps, until } = options;
    for (const name of Object.keys(inputs)) this.write(name, inputs[name]);
    this.step(steps, until);
    const results: Record<string, Values> = {};
    for (const name of this.layout.outputs.keys()) {
      const kept = this.read(name);
      const axes = this.orders.get(name) ?? kept.axes;
      results[name] = { ...kept, axes, data: broadcast(kept, axes) };
    }
    return results;
  }

  /**
   * The program for people: as a table of kernels (what was fused, over which axes, with operations and
   * bytes) unless another stage of the compiler is asked for: `graph`, its expressions, or `loops`, its loop nests.
   */
  explain(stage: ExplainedStage = "kernels"): string {
    return this.explained(stage);
  }

  private refuseUnset(): never {
    const list = (names: Iterable<string>) => [...names].map((name) => `'${name}'`).join(", ");
    const known = [...this.layout.inputs.keys()].filter((name) => !this.unset.has(name));
    const own = [...this.unset].find((name) => name.startsWith("#"));
    if (own !== undefined) {
      throw new SurmiseError(
        `the program uses '${own}', which is known in another one alone: keep no tensors of one run of a model for the next`,
      );
    }
    throw new SurmiseError(
      `the program has no values for ${list(this.unset)}: give them by write(name, data) first; ` +
        (known.length === 0 ? "no input has values yet" : `those of ${list(known)} are given`),
    );
  }

  private input(name: string): Buffer {
    const b = this.layout.inputs.get(name);
    if (b === undefined) {
      const known = [...this.layout.inputs.keys()].map((n) => `'${n}'`).join(", ") || "none";
      throw new SurmiseError(`the program has no input '${name}'; its inputs are: ${known}`);
    }
    return b;
  }

  private held(name: string): Buffer {
    return this.layout.outputs.get(name) ?? this.input(name);
  }

  /** Memory never moves, so a view is made once. */
  private viewOf(b: Buffer): TypedArray {
    let view = this.views.get(b);
    if (view === undefined) {
      view = allocate(b.dtype, b.length, this.machine.memory, this.offset(b));
      this.views.set(b, view);
    }
    return view;
  }

  private flag(name: string): Flag {
    let flag = this.flags.get(name);
    if (flag === undefined) {
      const b = this.held(name);
      if (b.length !== 1) {
        throw new SurmiseError(
          `a run ends when a scalar is set, but '${name}' has axes ${describeAxes(b.order)}`,
        );
      }
      flag = { at: this.offset(b), ...NOT_ZERO[b.dtype] };
      this.flags.set(name, flag);
    }
    return flag;
  }

  private offset(b: Buffer): number {
    return this.layout.memory.offsets.get(b) as number;
  }
}

/** So many numbers are written one by one, which takes less time than to ask for a copy. */
const FEW = 32;

/** Whether `data` are few numbers of the very type and number of `view`. */
function isSmallLike(data: Nested, view: TypedArray): data is TypedArray {
  return (
    view.length <= FEW &&
    (data as TypedArray | null)?.length === view.length &&
    Object.getPrototypeOf(data) === Object.getPrototypeOf(view)
  );
}

/** The bits of a number that are not all zero unless it is 0 or -0. */
const NOT_ZERO: Readonly<Record<DType, Omit<Flag, "at">>> = {
  float32: { low: 0x7fffffff, high: 0 },
  float64: { low: 0xffffffff, high: 0x7fffffff },
  int32: { low: 0xffffffff, high: 0 },
  uint8: { low: 0xff, high: 0 },
};
