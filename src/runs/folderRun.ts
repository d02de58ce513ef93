/** A run kept in a folder: started, interrupted at any moment, resumed to the same bits. */
import { createHash } from "node:crypto";
import type { ImageDataset, LoadOptions } from "../data/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { thisBuild } from "./build.ts";
import { type ImageConfig, type ImageSettings, imageConfig } from "./config.ts";
import {
  checkBuild,
  checkSettings,
  keepRecords,
  lostRecords,
  type MetricsRecord,
  prepareFolder,
  readCheckpoint,
  readRecords,
  readResult,
  readRun,
  runFiles,
  writeResult,
  writeRun,
} from "./folder.ts";
import { loadImageData } from "./imageData.ts";
import type { BuildPair } from "./imageModel.ts";
import { imageReport, type RunPictures, runPictures } from "./imageReport.ts";
import { ImageRun, type Metrics } from "./imageRun.ts";
import { type Interrupted, type KeepOptions, keepRun } from "./keep.ts";
import { writeReport } from "./report.ts";
import { writeTensors } from "./safetensors.ts";

export interface FolderRunOptions extends KeepOptions {
  readonly build: BuildPair;
  readonly load?: LoadOptions;
  /** Called when the data are there and everything is compiled. */
  readonly onReady?: (run: ImageRun) => void;
}

export interface ResumeOptions extends FolderRunOptions {
  /** Settings that the folder's run must have; others are taken from there. */
  readonly given: ImageSettings;
  /** Goes on even if another build of surmise began the run. */
  readonly force?: boolean;
  readonly nameOf?: (setting: string) => string;
}

/** The final numbers of a run, as they stand in result.json. */
export interface RunResult {
  readonly metrics: Metrics;
  readonly speed: { readonly samplesPerSecond: number };
  readonly files: Readonly<Record<string, string>>;
}

export type Outcome =
  | {
      readonly kind: "finished";
      readonly config: ImageConfig;
      readonly result: RunResult;
      /** Undefined if the run had been finished before. */
      readonly run?: ImageRun;
      readonly pictures?: RunPictures;
    }
  | Interrupted;

/**
 * Runs `config` in a new folder.
 *
 * @throws SurmiseError for a folder that cannot be used, data that cannot be had, settings that do
 * not fit, and a bound that is not finite; then the last good state is kept as the checkpoint.
 */
export async function startRun(config: ImageConfig, options: FolderRunOptions): Promise<Outcome> {
  const { folder, load, build } = options;
  const data = await loadImageData(config, load);
  const run = new ImageRun(config, data, build);
  await prepareFolder(folder);
  const made = thisBuild(run.loop.backend);
  await writeRun(folder, { kind: "images", config, build: made, data: fingerprint(data) });
  return goOn(run, options);
}

/**
 * Goes on with the run in a folder, to the bits it would have had without the interruption; reports
 * a finished one again.
 *
 * @throws SurmiseError as `startRun`, and if the folder holds no run, or one of another
 * configuration, of another build (unless forced), or of other data.
 */
export async function resumeRun(options: ResumeOptions): Promise<Outcome> {
  const { folder, load, given, build, force = false, nameOf } = options;
  const description = await readRun(folder);
  checkSettings(folder, description, given, nameOf);
  const config = imageConfig(description.config);
  const result = (await readResult(folder)) as Omit<RunResult, "files"> | undefined;
  if (result !== undefined) {
    return { kind: "finished", config, result: { ...result, files: runFiles(folder) } };
  }
  const data = await loadImageData(config, load);
  if (fingerprint(data) !== description.data) {
    throw new SurmiseError(
      `the data '${config.data}' are not those that '${folder}' was begun with`,
    );
  }
  const checkpoint = await readCheckpoint(folder, config);
  const { records, damage } = await readRecords<MetricsRecord>(folder, checkpoint?.lines ?? 0);
  if (damage !== undefined) options.onEvent?.({ kind: "warning", message: lostRecords(damage) });
  const run = new ImageRun(config, data, build, checkpoint && { ...checkpoint, records });
  if (!force) checkBuild(folder, description, thisBuild(run.loop.backend));
  await keepRecords(folder, records);
  return goOn(run, options);
}

function goOn(run: ImageRun, options: FolderRunOptions): Promise<Outcome> {
  options.onReady?.(run);
  return keepRun(run, options, () => finish(run, options));
}

/** Judges the trained model and writes what is left to write; the result comes last. */
async function finish(run: ImageRun, { folder, onEvent, signal }: FolderRunOptions) {
  const score = await run.score({ onEvent, signal });
  const pictures = runPictures(run);
  const files = runFiles(folder);
  await writeTensors(files.weights, { tensors: run.weights(), metadata: weightsMetadata(run) });
  await writeReport(files.report, await imageReport(run, score, pictures));
  const result = { metrics: score.metrics, speed: { samplesPerSecond: run.samplesPerSecond } };
  await writeResult(folder, result);
  const { config } = run;
  return { kind: "finished", config, run, pictures, result: { ...result, files } } as const;
}

/** The names of the axes of each parameter. */
function weightsMetadata({ model }: ImageRun) {
  const axes = model.store.list().map((p) => [p.name, p.axes.map(({ name }) => name)]);
  return { format: "surmise weights 1", axes: JSON.stringify(Object.fromEntries(axes)) };
}

function fingerprint({ train }: ImageDataset): string {
  return createHash("sha256").update(train.images).digest("hex").slice(0, 16);
}
