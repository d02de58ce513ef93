/** The weights that commands take up from the folder of a run. */
import { existsSync } from "node:fs";
import { readTensors, runFiles, type TensorFile } from "../../runs/index.ts";
import { SurmiseError } from "../../tensor/internal.ts";

/**
 * The weights of the run in `folder`, by parameter.
 *
 * @throws SurmiseError if there are none yet, or they are damaged.
 */
export async function finishedWeights(folder: string): Promise<TensorFile["tensors"]> {
  const { weights } = runFiles(folder);
  if (existsSync(weights)) return (await readTensors(weights)).tensors;
  throw new SurmiseError(`there is no '${weights}': the run in '${folder}' is not finished`);
}
