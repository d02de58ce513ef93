/** What can be fitted: models of images, and model files on tables. */
export { loadImageData } from "./images/data.ts";
export { type ImageEvaluator, imageEvaluator, type Score } from "./images/evaluate.ts";
export {
  type BuildPair,
  type ImageBatch,
  type ImageModel,
  type ImagePair,
  imageModel,
  imageTraining,
} from "./images/model.ts";
export { manifold, type Picture, reconstructions, samples } from "./images/pictures.ts";
export { imagesProblem } from "./images/problem.ts";
export {
  curveSection,
  imageReport,
  pictureSections,
  type RunPictures,
  resultSection,
  runPictures,
} from "./images/report.ts";
export { type ImageConfig, type ImageSettings, imageConfig } from "./images/settings.ts";
export { type ImageEvaluation, ImageTask, type ScoreOptions } from "./images/task.ts";
export type {
  ImageResult,
  Metrics,
  MetricsRecord,
  RunScore,
  TrainedImages,
} from "./images/trained.ts";
export type { ProblemKind } from "./problem.ts";
export { type Kind, SETTINGS } from "./settings.ts";
export {
  type AnnealingRecord,
  type AnnealingResult,
  AnnealingTask,
} from "./table/annealingTask.ts";
export { type ChainsRecord, type ChainsResult, ChainsTask } from "./table/chainsTask.ts";
export { type NewRows, predictRows, type RowPredictions } from "./table/newRows.ts";
export {
  modelFiles,
  type Saved,
  type SavedDraws,
  type SaveOptions,
  saveDraws,
  saveFit,
} from "./table/outputs.ts";
export {
  type ElpdResult,
  type LooTable,
  type Predicted,
  type PredictionsResult,
  type PredictOptions,
  readLoo,
} from "./table/predictions.ts";
export { type TableRecord, type TableResult, tableProblem } from "./table/problem.ts";
export { evidenceText, summaryTable } from "./table/report.ts";
export type { DrawsResult } from "./table/saving.ts";
export {
  type AnnealingConfig,
  type ChainsConfig,
  formatsOf,
  isTraining,
  KINDS,
  type MethodKind,
  type ModelConfig,
  type ModelSettings,
  modelConfig,
  type TableConfig,
  tableConfig,
} from "./table/settings.ts";
export {
  type ModelFile,
  type ModelRecord,
  type ModelResult,
  ModelTask,
} from "./table/task.ts";
