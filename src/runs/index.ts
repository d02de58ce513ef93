/** Runs: their settings, the one loop, checkpoints, figures and reports. */
export { type Build, surmiseVersion } from "./build.ts";
export { type Cell, type CellFinished, type CellOptions, keepCell } from "./cell.ts";
export {
  type ImageConfig,
  type ImageSettings,
  imageConfig,
  settingNames,
} from "./config.ts";
export { type Evaluator, evaluator, type Score } from "./evaluate.ts";
export type { Ending, RunEvent, RunOptions } from "./events.ts";
export { renderChart, type VegaLiteSpec } from "./figures/chart.ts";
export { type GreyImage, type ImageGrid, imageGrid } from "./figures/images.ts";
export { type ChartAxis, type LineChart, lineChart, type Series } from "./figures/lines.ts";
export { makeFolder } from "./files.ts";
export {
  type Checkpoint,
  type MetricsRecord,
  type RunDescription,
  readRun,
  runFiles,
} from "./folder.ts";
export {
  type FolderRunOptions,
  type Outcome,
  type ResumeOptions,
  type RunResult,
  resumeRun,
  startRun,
} from "./folderRun.ts";
export { loadImageData } from "./imageData.ts";
export {
  type BuildPair,
  type ImageBatch,
  type ImageModel,
  type ImagePair,
  imageModel,
  imageTraining,
} from "./imageModel.ts";
export {
  curveSection,
  imageReport,
  pictureSections,
  type RunPictures,
  resultSection,
  runPictures,
} from "./imageReport.ts";
export {
  ImageRun,
  type Metrics,
  type RunScore,
  type ScoreOptions,
  type TrainOptions,
} from "./imageRun.ts";
export type { Interrupted } from "./keep.ts";
export { median } from "./median.ts";
export {
  type ModelConfig,
  type ModelSettings,
  modelConfig,
  modelSettingNames,
} from "./modelConfig.ts";
export {
  type ModelFinished,
  type ModelFolderOptions,
  type ModelResult,
  type ModelResumeOptions,
  modelFiles,
  resumeModelRun,
  startModelRun,
} from "./modelFolder.ts";
export { evidenceText } from "./modelReport.ts";
export { type ModelFile, type ModelRecord, ModelRun } from "./modelRun.ts";
export { manifold, type Picture, reconstructions, samples } from "./pictures.ts";
export {
  type Figure,
  type Report,
  type ReportSection,
  type ReportTable,
  reportHtml,
  writeReport,
} from "./report.ts";
export {
  decodeTensors,
  encodeTensors,
  readTensors,
  type StoredTensor,
  type TensorFile,
  writeTensors,
} from "./safetensors.ts";
export { configHash } from "./settings.ts";
