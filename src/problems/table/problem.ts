/** Model files on tables as a kind of problem. */
import { basename } from "node:path";
import { chooseMethod, chooseTraining } from "../../inference/index.ts";
import type { Task } from "../../runs/index.ts";
import type { ProblemKind } from "../problem.ts";
import { type AnnealingRecord, type AnnealingResult, AnnealingTask } from "./annealingTask.ts";
import { type ChainsRecord, type ChainsResult, ChainsTask } from "./chainsTask.ts";
import { modelFiles } from "./outputs.ts";
import { titleOf } from "./saving.ts";
import {
  formatsOf,
  isChains,
  isTraining,
  kindOfMethod,
  type ModelSettings,
  type TableConfig,
  tableConfig,
} from "./settings.ts";
import { type ModelFile, type ModelRecord, type ModelResult, ModelTask } from "./task.ts";

/** What is left of a fit: of a training, of chains, or of annealing. */
export type TableResult = ModelResult | ChainsResult | AnnealingResult;

/** One line of metrics.jsonl. */
export type TableRecord = ModelRecord | ChainsRecord | AnnealingRecord;

function taskOf(config: TableConfig, file: ModelFile) {
  if (isChains(config)) return new ChainsTask(config, file);
  return isTraining(config) ? new ModelTask(config, file) : new AnnealingTask(config, file);
}

/** What settings say of what is loaded. */
type Paths = Pick<TableConfig, "model" | "data">;

/** Fits the model files that `load` loads, with the table that the settings name. */
export function tableProblem(
  load: (config: Paths) => Promise<ModelFile>,
): ProblemKind<TableConfig, TableResult, TableRecord> {
  let last: { readonly paths: Paths; readonly file: Promise<ModelFile> } | undefined;
  const loading = ({ model, data }: Paths) => {
    last = { paths: { model, data }, file: load({ model, data }) };
    return last.file;
  };
  /** What was loaded for the choice of the method is not loaded again for the fit, but for a later one. */
  const loaded = (paths: Paths) => {
    const known = last;
    last = undefined;
    const isLast = known?.paths.model === paths.model && known.paths.data === paths.data;
    return isLast ? known.file : load({ model: paths.model, data: paths.data });
  };
  return {
    kind: "model",
    async complete(given, nameOf = (setting) => setting) {
      const of = kindOfMethod(given, nameOf);
      const settings = given as ModelSettings;
      if (settings.method !== undefined) return given;
      if (of !== undefined && of.kind !== "training") {
        const what = of.kind === "sampling" ? "chains" : "annealing";
        return { ...given, method: of.usual, reason: `${of.by} is for ${what}` };
      }
      const { model, data, guide } = await loading(settings);
      if (of === undefined) return { ...given, ...chooseMethod(model, data, guide && { guide }) };
      const { method, reason } = chooseTraining(model, data, guide && { guide });
      const why = method === "vi" ? `${of.by} is for methods that train` : reason;
      return { ...given, method, reason: why };
    },
    configure: tableConfig,
    folderName: ({ model }) => titleOf(model),
    files(folder, config) {
      const { weights, ...others } = modelFiles(folder, formatsOf(config), config.predict);
      return isTraining(config) ? { ...others, weights } : others;
    },
    async load(config) {
      const file = await loaded(config);
      const why = config.reason === undefined ? "" : ` (${config.reason})`;
      const on = config.data === undefined ? "" : ` on ${basename(config.data)}`;
      return {
        title: `${titleOf(config.model)}${on} by ${config.method}${why}`,
        sources: file.sources,
        // Each kind of task is given back the records that it has made itself.
        open: () => taskOf(config, file) as Task<TableResult, TableRecord>,
      };
    },
  };
}
