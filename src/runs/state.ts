/** What changes from step to step. */
import type { Program } from "../runtime/index.ts";
import type { TypedArray } from "../tensor/index.ts";
import type { StoredTensor } from "./safetensors.ts";

/** Values by the names of a program's inputs. */
export type State = Readonly<Record<string, StoredTensor>>;

/** A copy of the values of some inputs of a program. */
export function readState(program: Program, names: readonly string[]): State {
  return Object.fromEntries(
    names.map((name) => {
      const { axes, dtype, data } = program.read(name);
      return [name, { dtype, shape: axes.map(({ size }) => size), data }];
    }),
  );
}

/** Sets those inputs of a program that `state` has values for. */
export function writeState(program: Program, state: State): void {
  for (const name of program.inputs.keys()) {
    if (Object.hasOwn(state, name)) program.write(name, state[name].data);
  }
}

/** Whether no value is infinite or not a number. */
export function allFinite(data: TypedArray): boolean {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) return false;
  }
  return true;
}
