/** What is written beside the draws of a model file, whatever has made them. */
import { basename } from "node:path";
import { observationsOf, type Summary } from "../../inference/index.ts";
import { describeNotFinite, traceUnknown } from "../../inference/internal.ts";
import { modelDoubts } from "../../model/internal.ts";
import { type ReportSection, settingsSection } from "../../report/index.ts";
import { constantsOf, type Reading } from "./constants.ts";
import { predictionsSection } from "./figures.ts";
import { made, type SavedDraws, type SaveOptions } from "./outputs.ts";
import { type PredictionsResult, type PredictOptions, predict } from "./predictions.ts";
import { formatsOf, type TableConfig } from "./settings.ts";

/** A title made of the path of a model file. */
export function titleOf(path: string): string {
  return basename(path).replace(/\.\w+$/, "");
}

/** What stands in result.json of draws, whatever has made them. */
export interface DrawsResult {
  /** Why the method, where none was given. */
  readonly reason?: string;
  /** What the draws say of each element of each site. */
  readonly summary: readonly Summary[];
  /** Reasons to doubt the draws, with what to do. */
  readonly warnings: readonly string[];
  /** What the fitted model says of data, where it was asked (`predict`). */
  readonly predictions?: PredictionsResult;
}

/** Draws of a model file that are to be saved. */
export interface Saving
  extends Omit<PredictOptions, "observations" | "seed">,
    Pick<Reading, "columns"> {
  /** The settings of the fit. */
  readonly config: TableConfig;
  /** Of the report, between predictions and settings. */
  readonly sections?: readonly ReportSection[];
  /** Reasons to doubt them that are particular to what has made them. */
  readonly warningsOf: (summary: readonly Summary[]) => readonly string[];
}

/** Saves draws by `write`, with what the model predicts at them, where that is asked for; tells the warnings. */
export async function save(
  { config, sections = [], warningsOf, ...of }: Saving,
  write: (options: SaveOptions) => Promise<SavedDraws>,
): Promise<DrawsResult> {
  const { method, model: path, seed, reason } = config;
  const observed = observationsOf(of.model, of.data, of.dtype);
  const constant = constantsOf(of);
  const predicted = config.predict
    ? await predict({ ...of, observations: observed, seed })
    : undefined;
  const { summary, warnings } = await write({
    ...{ title: titleOf(path), method, formats: formatsOf(config), observed },
    ...(constant && { constant }),
    ...(predicted && { predicted }),
    warningsOf: (rows) => [
      ...modelDoubts(traceUnknown(of.model, of.data)),
      ...warningsOf(rows),
      ...describeNotFinite(rows, of.draws.draws),
      ...(predicted?.warnings ?? []),
    ],
    onProgress: (share, part) => of.onEvent?.(made(share, part)),
    sections: [
      ...(predicted ? [await predictionsSection(predicted, observed)] : []),
      ...sections,
      settingsSection(config),
    ],
  });
  for (const message of warnings) of.onEvent?.({ kind: "warning", message });
  return {
    ...(reason && { reason }),
    ...{ summary, warnings },
    ...(predicted && { predictions: predicted.result }),
  };
}
