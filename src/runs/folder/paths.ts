/** Where the files of a run are. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { checkArguments, TEXT } from "../../tensor/internal.ts";

/** The files of a run in `folder`, by what they hold. */
export function runFiles(folder: string) {
  checkArguments("runFiles", { folder }, TEXT);
  return {
    run: join(folder, "run.json"),
    metrics: join(folder, "metrics.jsonl"),
    checkpoint: join(folder, "checkpoint.safetensors"),
    weights: join(folder, "weights.safetensors"),
    report: join(folder, "report.html"),
    result: join(folder, "result.json"),
  };
}

/** Whether there is something at a path. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
