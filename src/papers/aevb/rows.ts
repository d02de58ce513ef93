/** The rows of the table: cells summed up over seeds. */
import {
  type Estimate,
  estimate,
  type FinishedCell,
  formatSpread,
  groupCells,
  type TableColumns,
} from "../../experiments/index.ts";
import { checkArguments, listOf, OBJECT } from "../../tensor/internal.ts";
import { BATCH } from "./cells/autoencoder.ts";
import { type AevbConfig, type AevbResult, DATA, JUDGES, METHODS } from "./cells/settings.ts";
import { PUBLISHED_MINUTES, publishedAxis } from "./published.ts";

/** A row of the table: cells that differ by their seed. */
export interface Row {
  /** Of the experiment. */
  readonly title: string;
  /** The settings, of the first of them. */
  readonly config: AevbConfig;
  /** Trainings. */
  readonly runs: number;
  /** Of training images, in nats per image. */
  readonly train: Estimate;
  /** Of test images, in nats per image. */
  readonly test: Estimate;
  /** What is made larger, with all that is known of the weights, in nats per training image. */
  readonly objective: Estimate;
  /** How far its test images are above those of wake-sleep with the same settings, in nats per image. */
  readonly aboveWakeSleep?: number;
  /** Of training, for a million images. */
  readonly minutes: Estimate;
}

/** A row for each setting, experiment by experiment. */
export function rowsOf(finished: readonly FinishedCell<AevbConfig, AevbResult>[]): Row[] {
  checkArguments("rowsOf", { finished }, listOf(OBJECT));
  const rows = groupCells(finished).map(
    ({ title, config, results }): Row => ({
      ...{ title, config, runs: results.length },
      train: estimate(results.map(({ train }) => train)),
      test: estimate(results.map(({ test }) => test)),
      objective: estimate(results.map(({ objective }) => objective)),
      minutes: estimate(results.map(({ secondsPerStep }) => (secondsPerStep * 1e6) / BATCH / 60)),
    }),
  );
  return rows.map((row) => {
    const other = rows.find(
      ({ config }) => config.method === "wakeSleep" && isPanelOf(config, row.config),
    );
    const { experiment, method } = row.config;
    const isOther = method === "wakeSleep" || experiment === "rates" || other === undefined;
    return isOther ? row : { ...row, aboveWakeSleep: row.test.mean - other.test.mean };
  });
}

/** Whether two cells stand in one panel of a figure. */
export function isPanelOf(a: AevbConfig, b: AevbConfig): boolean {
  checkArguments("isPanelOf", { a, b }, OBJECT);
  const names = ["experiment", "data", "latents", "trainImages"] as const;
  return names.every((name) => a[name] === b[name]);
}

/** The columns of the table, by their heads. */
export const COLUMNS: TableColumns<Row> = {
  experiment: ({ title }) => title,
  data: ({ config }) => DATA[config.data],
  images: ({ config }) => config.trainImages,
  latents: ({ config }) => config.latents,
  method: ({ config }) => METHODS[config.method],
  "Adagrad's rate": ({ config }) => config.rate,
  runs: ({ runs }) => runs,
  "images seen": ({ config }) => config.samples,
  quantity: ({ config }) => JUDGES[config.judge],
  train: ({ train }) => formatSpread(train, 2),
  test: ({ test }) => formatSpread(test, 2),
  "test, above wake-sleep": ({ aboveWakeSleep }) => aboveWakeSleep?.toFixed(2),
  "axis of the paper's figure": ({ config }) => publishedAxis(config)?.join(" to "),
  "bound with weights": ({ config, objective }) =>
    config.experiment === "full-vb" ? formatSpread(objective, 2) : undefined,
  "min / million": ({ minutes }) => formatSpread(minutes, 2),
  "published min / million": () => PUBLISHED_MINUTES.join(" to "),
};
