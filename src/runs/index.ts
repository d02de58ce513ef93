/** Runs: a task kept in a folder, with checkpoints, records and outputs. */
export { type Build, surmiseVersion } from "./build.ts";
export { type DriveOptions, drive, type Finished, type Interrupted } from "./driver.ts";
export type { Ending, RunControl, RunEvent } from "./events.ts";
export { cannotWrite, makeFolder, writeWhole } from "./files.ts";
export {
  type Checkpoint,
  checkSources,
  type RunDescription,
  readResult,
  readRun,
} from "./folder/folder.ts";
export { runFiles } from "./folder/paths.ts";
export { readCurve } from "./folder/records.ts";
export { median } from "./median.ts";
export { writeCsv } from "./outputs/csv.ts";
export type { DrawsToSave, ValuesToSave, WriteProgress } from "./outputs/draws.ts";
export { type DrawsFormat, FORMATS, type FormatName } from "./outputs/formats.ts";
export { type Columns, outputRows, summaryColumns, writeParquet } from "./outputs/parquet.ts";
export { writeReport } from "./outputs/report.ts";
export { writePriorZarr } from "./outputs/zarr.ts";
export { Run, type TrainControl } from "./run.ts";
export { choice, configHash, count, parseSettings, rate, seed } from "./settings.ts";
export type { Problem, Sources, StepRecord, Task, Trained } from "./task.ts";
export { encodeOnnx, type OnnxLayer, type OnnxNetwork } from "./weights/onnx.ts";
export {
  decodeTensors,
  encodeTensors,
  type NamedValues,
  readTensors,
  type StoredTensor,
  type TensorFile,
  type WritableTensors,
  writeTensors,
} from "./weights/safetensors.ts";
