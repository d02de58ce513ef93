/** The weights that commands take up from the folder of a run. */
import { readTensors, runFiles, type TensorFile } from "../../runs/index.ts";
import { SurmiseError } from "../../tensor/internal.ts";

/**
 * The weights of the run in `folder`, by parameter.
 *
 * @throws SurmiseError if there are none yet.
 */
export async function finishedWeights(folder: string): Promise<TensorFile["tensors"]> {
  try {
    return (await readTensors(runFiles(folder).weights)).tensors;
  } catch (cause) {
    const { message } = cause as Error;
    throw new SurmiseError(`${message}: the run in '${folder}' is not finished`, { cause });
  }
}
