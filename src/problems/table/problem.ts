/** Model files on tables as a kind of problem. */
import { basename } from "node:path";
import type { ProblemKind } from "../problem.ts";
import { modelFiles } from "./outputs.ts";
import { type ModelConfig, modelConfig } from "./settings.ts";
import { type ModelFile, type ModelRecord, type ModelResult, ModelTask, titleOf } from "./task.ts";

/** Fits the model files that `load` loads, with the table that the settings name. */
export function tableProblem(
  load: (config: ModelConfig) => Promise<ModelFile>,
): ProblemKind<ModelConfig, ModelResult, ModelRecord> {
  return {
    kind: "model",
    configure: modelConfig,
    folderName: ({ model }) => titleOf(model),
    files: modelFiles,
    async load(config) {
      const file = await load(config);
      const on = config.data === undefined ? "" : ` on ${basename(config.data)}`;
      return {
        title: `${titleOf(config.model)}${on} by ${config.method}`,
        fingerprint: file.fingerprint,
        source: `'${config.model}' and its data`,
        open: () => new ModelTask(config, file),
      };
    },
  };
}
