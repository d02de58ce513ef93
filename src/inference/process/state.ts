/** What changes from step to step, as values outside of the program. */
import type { ParamStore } from "../../model/internal.ts";
import { broadcast, type CompileOptions, compile, type Program } from "../../runtime/internal.ts";
import { type DType, SurmiseError, seedInputs, type TypedArray } from "../../tensor/internal.ts";
import { type Algorithm, metricOutput } from "./algorithm.ts";

/** The values of one input, row-major over axes of these sizes. */
export interface StateValue {
  /** The type of the input, and of `data`. */
  readonly dtype: DType;
  /** The sizes of its axes, outermost first; none for a scalar. */
  readonly shape: readonly number[];
  /** Row-major, as many as the product of `shape`. */
  readonly data: TypedArray;
}

/** Values by the names of a program's inputs. */
export type ProgramState = Readonly<Record<string, StateValue>>;

/**
 * Compiles the step of an algorithm and puts its state to what it is before the first step. Its metrics are
 * outputs, named by `metricOutput`.
 */
export function compileAlgorithm(algorithm: Algorithm, options: CompileOptions = {}): Program {
  const { metrics, updates, initial, seed, dtype = "float32" } = algorithm;
  const outputs = Object.entries(metrics).map(([name, x]) => [metricOutput(name), x] as const);
  const program = compile({ outputs: Object.fromEntries(outputs), updates }, { dtype, ...options });
  const first = compile({ outputs: initial }, { steps: 1, dtype });
  if (seed !== undefined) for (const made of [program, first]) writeSeed(made, seed);
  for (const [name, value] of Object.entries(first.run())) {
    const input = program.inputs.get(name);
    if (input !== undefined) program.write(name, broadcast(value, input.axes));
  }
  return program;
}

/**
 * Sets what the draws of a program under `seedKey` follow from; one without such draws stays as it is.
 *
 * @throws SurmiseError if the seed is not a whole number from 0 to 2^53 - 1.
 */
export function writeSeed(program: Program, seed: number): void {
  for (const [name, word] of Object.entries(seedInputs(seed))) {
    if (program.inputs.has(name)) program.write(name, word);
  }
}

/** The names of the state of an algorithm: what steps replace, and the words of the seed, if it uses one. */
export function stateNames(
  { initial, seed }: Algorithm,
  program: Pick<Program, "inputs">,
): readonly string[] {
  const words = seed === undefined ? [] : Object.keys(seedInputs(seed));
  return [...Object.keys(initial), ...words.filter((name) => program.inputs.has(name))];
}

/** A copy of the values of some inputs of a program. */
export function readState(program: Program, names: readonly string[]): ProgramState {
  return Object.fromEntries(
    names.map((name) => {
      const { axes, dtype, data } = program.read(name);
      return [name, { dtype, shape: axes.map(({ size }) => size), data }];
    }),
  );
}

/** Sets those inputs of a program that `state` has values for. */
export function writeState(program: Program, state: ProgramState): void {
  for (const name of program.inputs.keys()) {
    if (Object.hasOwn(state, name)) program.write(name, state[name].data);
  }
}

/** The values of the parameters of a store, without all else that a state holds. */
export function parametersIn(state: ProgramState, store: ParamStore): ProgramState {
  return Object.fromEntries(store.list().map(({ name }) => [name, state[name]]));
}

/**
 * Checks that a state is that of a program with these names.
 *
 * @throws SurmiseError naming what is missing and what is too much.
 */
export function checkState(expected: readonly string[], state: ProgramState): void {
  const missing = expected.filter((name) => !Object.hasOwn(state, name));
  const strange = Object.keys(state).filter((name) => !expected.includes(name));
  if (missing.length + strange.length === 0) return;
  const list = (names: readonly string[]) =>
    names.map((name) => `'${name}'`).join(", ") || "nothing";
  throw new SurmiseError(
    `the state to go on from is that of another program: it lacks ${list(missing)} and has besides ` +
      list(strange),
  );
}

/** Whether no value is infinite or not a number. */
export function allFinite(data: ArrayLike<number>): boolean {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) return false;
  }
  return true;
}
