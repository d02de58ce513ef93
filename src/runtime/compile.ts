/** From expressions to a program: what it is made of, checked, and the backend that runs it. */

import type { Tap } from "../compiler/index.ts";
import {
  ANYTHING,
  alike,
  checkArguments,
  describeAxes,
  listOf,
  nodesOf,
  OBJECT,
  oneOf,
  optional,
  optionsWith,
  PRECISION,
  type Precision,
  recordOf,
  refuseRounded,
  SurmiseError,
  TENSOR,
  type Tensor,
  Widening,
  wholeNumber,
} from "../tensor/internal.ts";
import { BACKENDS, type Backend, build } from "./backend.ts";
import { Program } from "./program.ts";

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
