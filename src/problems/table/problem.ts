/** Model files on tables as a kind of problem. */
import { basename } from "node:path";
import type { Task } from "../../runs/index.ts";
import type { ProblemKind } from "../problem.ts";
import { type ChainsRecord, type ChainsResult, ChainsTask } from "./chainsTask.ts";
import { modelFiles } from "./outputs.ts";
import { formatsOf, isChains, type TableConfig, tableConfig } from "./settings.ts";
import { type ModelFile, type ModelRecord, type ModelResult, ModelTask, titleOf } from "./task.ts";

/** What is left of a fit: of a training, or of chains. */
export type TableResult = ModelResult | ChainsResult;

/** One line of metrics.jsonl. */
export type TableRecord = ModelRecord | ChainsRecord;

/** Fits the model files that `load` loads, with the table that the settings name. */
export function tableProblem(
  load: (config: TableConfig) => Promise<ModelFile>,
): ProblemKind<TableConfig, TableResult, TableRecord> {
  return {
    kind: "model",
    configure: tableConfig,
    folderName: ({ model }) => titleOf(model),
    files(folder, config) {
      const { weights, ...others } = modelFiles(folder, formatsOf(config));
      return isChains(config) ? others : { ...others, weights };
    },
    async load(config) {
      const file = await load(config);
      const on = config.data === undefined ? "" : ` on ${basename(config.data)}`;
      return {
        title: `${titleOf(config.model)}${on} by ${config.method}`,
        sources: file.sources,
        // Each kind of task is given back the records that it has made itself.
        open: (): Task<TableResult, TableRecord> =>
          isChains(config)
            ? (new ChainsTask(config, file) as Task<TableResult, TableRecord>)
            : (new ModelTask(config, file) as Task<TableResult, TableRecord>),
      };
    },
  };
}
