/** A compiled program: its memory, its inputs and outputs, and running it. */
import type { Buffer, ExplainedStage, Layout, Tap } from "../compiler/index.ts";
import {
  ANYTHING,
  type Axis,
  alike,
  allocate,
  checkArguments,
  type DType,
  dataOver,
  describeAxes,
  listOf,
  type Nested,
  nodesOf,
  OBJECT,
  type Operation,
  oneOf,
  optional,
  optionsWith,
  PRECISION,
  type Precision,
  recordOf,
  refuseRounded,
  SurmiseError,
  TENSOR,
  TEXT,
  type Tensor,
  type TypedArray,
  Widening,
  wholeNumber,
} from "../tensor/internal.ts";
import { BACKENDS, type Backend, build } from "./backend.ts";
import { type Executable, type Flag, NO_FLAG } from "./executable.ts";
import type { ProgramReplica } from "./replica.ts";
import { broadcast, type Values } from "./values.ts";

/** What a program computes in each step. */
export interface ProgramSpec {
  /** What it computes, by name. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /**
   * Pairs (input, value): at the end of each step the input takes the value, in place. All values
   * are computed from the inputs as they were at the beginning of the step.
   */
  readonly updates?: readonly (readonly [Tensor, Tensor])[];
  /**
   * Inputs that are written before most runs, beside those in `updates`. What depends on neither (on data
   * alone, say) is computed once and kept, and computed again only after an input that it depends on has been
   * written. Programs with neither `updates` nor `varying` take all their inputs for varying.
   */
  readonly varying?: readonly Tensor[];
}

/** What an argument that is such a record must be. */
const SPEC = optionsWith<ProgramSpec>({
  outputs: recordOf(TENSOR),
  updates: optional(listOf(listOf(TENSOR))),
  varying: optional(listOf(TENSOR)),
});

/** What an argument that is `CompileOptions` must be. */
const OPTIONS = optionsWith<CompileOptions>({
  backend: optional(oneOf(...BACKENDS)),
  dtype: optional(PRECISION),
  steps: ANYTHING,
  threads: ANYTHING,
  grain: ANYTHING,
  tap: optional(OBJECT),
});

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

/** Backend, threads, number type, and what the compiler may assume. */
export interface CompileOptions {
  /** SURMISE_BACKEND, or `auto`, unless given. */
  readonly backend?: Backend;
  /**
   * About how many steps the program will run, 1000 unless given: `auto` makes native code where the work of
   * a step times the steps is worth it.
   */
  readonly steps?: number;
  /**
   * At most so many threads; SURMISE_THREADS, or the number of processors up to 8, unless given.
   * Results have the same bits for any number.
   */
  readonly threads?: number;
  /** Operations from which on work is cut into tasks for threads: for tests, at small sizes. */
  readonly grain?: number;
  /**
   * What float32 in the expressions means: `float64` computes in float64, with constants and known numbers as
   * they were before they were rounded. float32 unless given.
   */
  readonly dtype?: Precision;
  /** Sees and may replace what each pass of the compiler hands on. */
  readonly tap?: Tap;
}

/**
 * Compiles a step: to native code where a compiler works and a step is worth it, else to WebAssembly,
 * unless `backend` or SURMISE_BACKEND says otherwise.
 *
 * @throws SurmiseError if an update does not fit its input, two inputs or an input and another output
 * share a name, an input is updated twice, known numbers lose in float32 what distinguishes them, `steps` is
 * not a whole number, or the program needs more memory than the machine has, or WebAssembly addresses (4 GiB).
 */
export function compile(spec: ProgramSpec, options: CompileOptions = {}): Program {
  checkArguments("compile", { spec }, SPEC);
  checkArguments("compile", { options }, OPTIONS);
  if (options.steps !== undefined) wholeNumber("compile: steps", options.steps);
  const { outputs, updates } = rootsOf(spec, options.dtype);
  for (const { input, value } of updates) checkUpdate(input, value);
  const updated = updates.map(({ input }) => input);
  const varying = spec.varying?.map(nameOfInput);
  const roots = [...outputs.map((o) => o.value), ...updates.map((u) => u.value), ...updated];
  checkNames(roots, updated, new Map(outputs.map(({ name, value }) => [name, value])));
  const { layout, machine, explain } = build({ outputs, updates, varying }, options);
  const values = [...outputs, ...updates].map(({ value }) => value);
  const orders = new Map(outputs.map(({ name, value }) => [name, value.axes]));
  return new Program(layout, machine, explain, inputNames(values), orders);
}

/** What is computed, in the requested type. */
function rootsOf({ outputs, updates = [] }: ProgramSpec, dtype: Precision = "float32") {
  const values = [...Object.values(outputs), ...updates.flat()];
  if (dtype === "float32") refuseRounded(values);
  const widening = new Widening();
  const typed = (x: Tensor) => (dtype === "float64" ? widening.widen(x) : x);
  return {
    outputs: Object.entries(outputs).map(([name, value]) => ({ name, value: typed(value) })),
    updates: updates.map(([input, value]) => ({ input: typed(input), value: typed(value) })),
  };
}

/** The names of the inputs that `roots` are made of. */
function inputNames(roots: readonly Tensor[]): Set<string> {
  return new Set(
    nodesOf(roots).flatMap(({ operation }) => (operation.op === "input" ? [operation.name] : [])),
  );
}

function nameOfInput(x: Tensor): string {
  if (x.operation.op === "input") return x.operation.name;
  throw new SurmiseError(`only an input made by input(...) can vary, not ${x}`);
}

function checkUpdate(input: Tensor, value: Tensor): void {
  if (input.operation.op !== "input") {
    throw new SurmiseError(`an update needs an input made by input(...), not ${input}`);
  }
  const { name } = input.operation;
  const extra = value.axes.filter((a) => !input.has(a));
  if (extra.length > 0) {
    throw new SurmiseError(
      `update of '${name}': the input has axes ${describeAxes(input.axes)}, the new value ` +
        `${describeAxes(value.axes)}; sum over ${extra.map((a) => `'${a.name}'`).join(", ")} first`,
    );
  }
  if (value.dtype !== input.dtype) {
    throw new SurmiseError(
      `update of '${name}': the input is ${input.dtype}, the new value ${value.dtype}; use cast`,
    );
  }
}

/** A name stands for one input, no output but that input has it, and an input has one next value. */
function checkNames(
  roots: readonly Tensor[],
  updated: readonly Tensor[],
  outputs: ReadonlyMap<string, Tensor>,
): void {
  const known = new Map<string, Tensor>();
  for (const node of nodesOf(roots)) {
    if (node.operation.op !== "input") continue;
    const { name, order } = node.operation;
    const other = known.get(name) ?? node;
    known.set(name, other);
    if (outputs.has(name) && outputs.get(name) !== node) {
      throw new SurmiseError(`an input and an output are both named '${name}': rename one of them`);
    }
    const sameOrder = order.every((a, i) => a === other.axes[i]) && alike(node, other);
    if (!sameOrder || node.dtype !== other.dtype) {
      const [one, two] = [other, node].map((x) => `${describeAxes(x.axes)} ${x.dtype}`);
      throw new SurmiseError(
        `two inputs are named '${name}', over ${one} and ${two}: rename one of them`,
      );
    }
  }
  const seen = new Set<string>();
  for (const { operation } of updated) {
    if (operation.op !== "input") continue;
    if (seen.has(operation.name)) {
      throw new SurmiseError(
        `input '${operation.name}' is updated twice in one step: combine the two updates`,
      );
    }
    seen.add(operation.name);
  }
}

/** Steps are counted in 32 bits. */
const MOST_STEPS = 2 ** 31 - 1;

/** A step, ready to run. Its inputs keep their values from one run to the next. */
export class Program {
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

  /** The names of the inputs, with their axes in the order of flat data. */
  get inputs(): ReadonlyMap<string, { readonly axes: readonly Axis[]; readonly dtype: DType }> {
    return new Map(
      [...this.layout.inputs].map(([name, b]) => [name, { axes: b.order, dtype: b.dtype }]),
    );
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
    this.step(0);
    if (this.stale) {
      this.machine.runPrologue();
      this.stale = false;
    }
    const places = names.map((name) => {
      const b = this.held(name);
      return [name, { offset: this.offset(b), length: b.length, dtype: b.dtype }] as const;
    });
    const copy = memory.slice(0) as ArrayBuffer;
    return { code, memory: copy, places: Object.fromEntries(places) };
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
    if (this.unset.size > 0) this.refuseUnset();
    const flag = until === undefined ? NO_FLAG : this.flag(until);
    if (this.stale && steps > 0) {
      this.machine.runPrologue();
      this.stale = false;
    }
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
