/** Runs of problems without the command line. */

import { samplePosterior } from "../../src/inference/index.ts";
import type { Model } from "../../src/model/index.ts";
import {
  type ImageConfig,
  type ImageResult,
  type ImageSettings,
  imageConfig,
  imagesProblem,
  type MetricsRecord,
  type ModelFile,
  type ModelSettings,
  ModelTask,
  modelConfig,
  type TableConfig,
  type TableRecord,
  type TableResult,
  tableProblem,
} from "../../src/problems/index.ts";
import { type DriveOptions, drive, Run, readRun } from "../../src/runs/index.ts";
import { buildVae } from "./tiny.ts";

/** A model on data, compiled, without a folder. */
export function tableRun(
  model: Model<never, unknown>,
  data: unknown,
  settings: Partial<ModelSettings> = {},
) {
  const config = modelConfig({ model: "model.ts", ...settings });
  const task = new ModelTask(config, { model: model as Model, data, sources: {} });
  const run = new Run(task);
  return {
    run,
    train: () => run.train(),
    posterior: () =>
      samplePosterior(task.fitted(run.trained()), { draws: config.draws, seed: config.seed }),
  };
}

/** A model file in a folder; what the folder holds already is gone on with. */
export function driveTable(
  folder: string,
  config: TableConfig,
  file: ModelFile,
  more: Partial<DriveOptions<TableResult, TableRecord>> = {},
) {
  const problem = tableProblem(async () => file);
  return drive<TableResult, TableRecord>({
    ...{ folder, kind: problem.kind, config, mode: "either", trustFinished: true },
    load: () => problem.load(config),
    ...more,
  });
}

type More = Partial<DriveOptions<ImageResult, MetricsRecord>> & { readonly given?: ImageSettings };

const problem = imagesProblem(buildVae);

/** Begins a run on images in a folder. */
export function startImages(folder: string, config: ImageConfig, more: More = {}) {
  return driveImages(folder, config, { mode: "new", ...more });
}

/** Goes on with the run in a folder. */
export async function resumeImages(folder: string, more: More = {}) {
  const { config } = await readRun(folder);
  return driveImages(folder, imageConfig(config), { mode: "resume", given: {}, ...more });
}

async function driveImages(folder: string, config: ImageConfig, more: More) {
  return drive<ImageResult, MetricsRecord>({
    ...{ folder, kind: problem.kind, config, mode: "new", trustFinished: true },
    load: () => problem.load(config),
    checkpointEvery: 0,
    ...more,
  });
}
