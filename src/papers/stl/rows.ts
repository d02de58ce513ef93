/** The rows of the tables: cells summed up over seeds. */

import {
  type Estimate,
  estimate,
  type FinishedCell,
  formatEstimate,
  formatMilliseconds,
  groupCells,
  type TableColumns,
} from "../../experiments/index.ts";
import { checkArguments, listOf, OBJECT } from "../../tensor/internal.ts";
import type { AutoencoderConfig, AutoencoderResult } from "./cells/autoencoders.ts";
import { ESTIMATORS, type StlConfig, type StlResult } from "./cells/settings.ts";
import { published } from "./published.ts";

/** A row of the table: one experiment with one estimator. */
export interface Row {
  /** Of the experiment. */
  readonly title: string;
  /** The gradient estimator. */
  readonly estimator: StlConfig["estimator"];
  /** Trainings. */
  readonly runs: number;
  /** Of Table 2. */
  readonly autoencoder?: AutoencoderConfig;
  /** Test NLL in nats per image. */
  readonly nll?: Estimate;
  /** The standard error over the test images, of one training. */
  readonly nllError?: number;
  /** Where it ended: of Figure 1, in sds of the posterior. */
  readonly distance?: Estimate;
  /** Of training. */
  readonly secondsPerStep: Estimate;
}

/** A row for each estimator and setting, experiment by experiment. */
export function rowsOf(finished: readonly FinishedCell<StlConfig, StlResult>[]): Row[] {
  checkArguments("rowsOf", { finished }, listOf(OBJECT));
  const groups = groupCells(finished, ({ seed: _, ...others }) => Object.values(others));
  return groups.map(({ title, config, results }) => {
    const last = results.flatMap(({ curves }) => curves?.distance?.slice(-LAST) ?? []);
    return {
      ...{ title, estimator: config.estimator, runs: results.length },
      ...(isAutoencoder(config) && {
        autoencoder: config,
        nll: estimate((results as AutoencoderResult[]).map(({ nll }) => nll)),
        nllError: (results as AutoencoderResult[])[0].nllError,
      }),
      ...(last.length > 0 && { distance: estimate(last) }),
      secondsPerStep: estimate(results.map((one) => one.secondsPerStep)),
    };
  });
}

/** Records at the end of a curve that its end is the mean of. */
const LAST = 20;

function isAutoencoder(config: StlConfig): config is AutoencoderConfig {
  return config.experiment === "table2";
}

/** The columns of the table, by their heads. */
export const COLUMNS: TableColumns<Row> = {
  experiment: ({ title }) => title,
  layers: ({ autoencoder }) => autoencoder?.layers,
  bound: ({ autoencoder }) => autoencoder?.bound,
  k: ({ autoencoder }) => autoencoder?.k,
  gradient: ({ estimator }) => ESTIMATORS[estimator],
  runs: ({ runs }) => runs,
  epochs: ({ autoencoder }) => autoencoder && `${autoencoder.epochs} of 3280`,
  "NLL (nats)": ({ nll }) => nll && formatEstimate(nll, 2),
  "± of test images": ({ nllError }) => nllError?.toFixed(2),
  published: ({ autoencoder, estimator }) =>
    autoencoder && published(autoencoder, estimator)?.toFixed(2),
  "distance at the end (sd)": ({ distance }) => distance && formatEstimate(distance, 5),
  "ms / step": ({ secondsPerStep }) => formatMilliseconds(secondsPerStep),
};
