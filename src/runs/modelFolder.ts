/** The fit of a model file, kept in a folder: started, interrupted at any moment, resumed to the same bits. */
import { basename, join } from "node:path";
import { METHODS, type Summary, summarise } from "../inference/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { arviz } from "./arviz.ts";
import { surmiseVersion, thisBuild } from "./build.ts";
import { writeWhole } from "./files.ts";
import {
  checkBuild,
  checkSettings,
  keepRecords,
  lostRecords,
  prepareFolder,
  readCheckpoint,
  readRecords,
  readResult,
  readRun,
  runFiles,
  writeResult,
  writeRun,
} from "./folder.ts";
import { type Interrupted, type KeepOptions, keepRun } from "./keep.ts";
import { type ModelConfig, type ModelSettings, modelConfig } from "./modelConfig.ts";
import { modelReport, summaryTable } from "./modelReport.ts";
import { type ModelFile, type ModelRecord, ModelRun } from "./modelRun.ts";
import { drawColumns, summaryColumns, writeParquet } from "./parquet.ts";
import { type ReportTable, writeReport } from "./report.ts";
import { writeTensors } from "./safetensors.ts";

/** The files of a fit in `folder`, by what they hold. */
export function modelFiles(folder: string) {
  return {
    ...runFiles(folder),
    summary: join(folder, "summary.parquet"),
    draws: join(folder, "draws.parquet"),
    posterior: join(folder, "posterior.json"),
  };
}

export interface ModelFolderOptions extends KeepOptions {
  /** Loads the model file and the data that the settings name. */
  readonly load: (config: ModelConfig) => Promise<ModelFile>;
  /** Called when everything is compiled. */
  readonly onReady?: (run: ModelRun) => void;
}

export interface ModelResumeOptions extends ModelFolderOptions {
  /** Settings that the folder's run must have; others are taken from there. */
  readonly given: Partial<ModelSettings>;
  /** Goes on even if another build of surmise began the run. */
  readonly force?: boolean;
  readonly nameOf?: (setting: string) => string;
}

/** The results of a fit, as they stand in result.json. */
export interface ModelResult {
  readonly method: ModelConfig["method"];
  /** The estimate or bound of the log evidence that the method gives, in nats. */
  readonly logEvidence?: number;
  readonly summary: readonly Summary[];
  readonly speed: { readonly stepsPerSecond: number };
  readonly files: Readonly<Record<string, string>>;
}

export interface ModelFinished {
  readonly kind: "finished";
  readonly config: ModelConfig;
  readonly result: ModelResult;
  /** The summary for people. */
  readonly table: ReportTable;
}

/**
 * Fits the model in a new folder.
 *
 * @throws SurmiseError for a folder that cannot be used, a model that does not fit its data or the
 * method, and a bound that is not finite; then the last good state is kept as the checkpoint.
 */
export async function startModelRun(
  config: ModelConfig,
  options: ModelFolderOptions,
): Promise<ModelFinished | Interrupted> {
  const { folder, load } = options;
  const file = await load(config);
  const run = new ModelRun(config, file);
  await prepareFolder(folder);
  const build = thisBuild(run.loop.backend);
  await writeRun(folder, { kind: "model", config, build, data: file.fingerprint });
  return goOn(run, options);
}

/**
 * Goes on with the fit in a folder, to the bits it would have had without the interruption; reports a
 * finished one again.
 *
 * @throws SurmiseError as `startModelRun`, and if the folder's run has another configuration or
 * another build (unless forced), or the model file or the data have changed.
 */
export async function resumeModelRun(
  options: ModelResumeOptions,
): Promise<ModelFinished | Interrupted> {
  const { folder, load, given, force = false, nameOf } = options;
  const description = await readRun(folder);
  checkSettings(folder, description, given, nameOf);
  const config = modelConfig(description.config);
  const result = (await readResult(folder)) as Omit<ModelResult, "files"> | undefined;
  if (result !== undefined) return finished(config, { ...result, files: modelFiles(folder) });
  const file = await load(config);
  if (file.fingerprint !== description.data) {
    throw new SurmiseError(
      `'${config.model}' or its data have changed since '${folder}' was begun: begin a new run`,
    );
  }
  const checkpoint = await readCheckpoint(folder, config);
  const { records, damage } = await readRecords<ModelRecord>(folder, checkpoint?.lines ?? 0);
  if (damage !== undefined) options.onEvent?.({ kind: "warning", message: lostRecords(damage) });
  const run = new ModelRun(config, file, checkpoint && { ...checkpoint, records });
  if (!force) checkBuild(folder, description, thisBuild(run.loop.backend));
  await keepRecords(folder, records);
  return goOn(run, options);
}

function goOn(run: ModelRun, options: ModelFolderOptions): Promise<ModelFinished | Interrupted> {
  options.onReady?.(run);
  return keepRun(run, options, () => finish(run, options.folder));
}

/** Draws from the posterior and writes what is left to write; the result comes last. */
async function finish(run: ModelRun, folder: string): Promise<ModelFinished> {
  const { config } = run;
  const samples = run.posterior();
  const { logEvidence } = samples;
  const summary = summarise(samples);
  const files = modelFiles(folder);
  const metadata = { format: "surmise weights 1", axes: JSON.stringify(run.axes()) };
  await writeTensors(files.weights, { tensors: run.weights(), metadata });
  await writeParquet(files.summary, summaryColumns(summary));
  await writeParquet(files.draws, drawColumns(samples, summary));
  const attributes = {
    inference_library: "surmise",
    inference_library_version: surmiseVersion(),
    method: config.method,
  };
  await writeWhole(files.posterior, JSON.stringify(arviz(samples, attributes)));
  const title = basename(config.model).replace(/\.\w+$/, "");
  await writeReport(files.report, await modelReport(run, title, samples, summary, logEvidence));
  const result = {
    method: config.method,
    ...(logEvidence === undefined ? {} : { logEvidence }),
    summary,
    speed: { stepsPerSecond: config.steps / run.seconds },
  };
  await writeResult(folder, result);
  return finished(config, { ...result, files });
}

function finished(config: ModelConfig, result: ModelResult): ModelFinished {
  const isPoint = METHODS[config.method].posterior === "point";
  return { kind: "finished", config, result, table: summaryTable(result.summary, isPoint) };
}
