/** What is written beside the draws of a model file, whatever has made them. */
import { basename } from "node:path";
import { observationsOf } from "../../inference/index.ts";
import { type ReportSection, settingsSection } from "../../report/index.ts";
import { predictionsSection } from "./figures.ts";
import { type SaveOptions, written } from "./outputs.ts";
import { type Predicted, type PredictOptions, predict } from "./predictions.ts";
import { formatsOf, type TableConfig } from "./settings.ts";

/** A title made of the path of a model file. */
export function titleOf(path: string): string {
  return basename(path).replace(/\.\w+$/, "");
}

/** Draws of a model file that are to be saved. */
export interface Saving extends Omit<PredictOptions, "observations" | "seed"> {
  /** The settings of the fit. */
  readonly config: TableConfig;
  /** Of the report, between predictions and settings. */
  readonly sections?: readonly ReportSection[];
}

/** What the model predicts at the draws, where that is asked for, and how they are saved with it. */
export async function savingOf({
  config,
  sections = [],
  ...of
}: Saving): Promise<{ readonly predicted: Predicted | undefined; readonly options: SaveOptions }> {
  const { method, model: path, seed } = config;
  const observed = observationsOf(of.model, of.data, of.dtype);
  const predicted = config.predict
    ? await predict({ ...of, observations: observed, seed })
    : undefined;
  const options: SaveOptions = {
    ...{ title: titleOf(path), method, formats: formatsOf(config), observed },
    ...(predicted && { predicted }),
    onProgress: (share) => of.onEvent?.(written(share)),
    sections: [
      ...(predicted ? [await predictionsSection(predicted, observed)] : []),
      ...sections,
      settingsSection(config),
    ],
  };
  return { predicted, options };
}
