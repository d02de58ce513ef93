/** Trained parameters as a file. */
import { type ProgramState, parametersIn } from "../inference/internal.ts";
import type { ParamStore } from "../model/index.ts";
import { writeTensors } from "../runs/index.ts";

/**
 * Writes the parameters of `store` with their values in `state` (safetensors); the names of their axes are in its metadata.
 *
 * @throws SurmiseError if the file cannot be written.
 */
export async function writeWeights(
  path: string,
  store: ParamStore,
  state: ProgramState,
): Promise<void> {
  const axes = store.list().map((param) => [param.name, param.axes.map(({ name }) => name)]);
  const metadata = { format: "surmise weights 1", axes: JSON.stringify(Object.fromEntries(axes)) };
  await writeTensors(path, { tensors: parametersIn(state, store), metadata });
}
