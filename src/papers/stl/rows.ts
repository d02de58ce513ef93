/** The rows of the tables: cells summed up over seeds. */
import {
  type CellCurve,
  type Estimate,
  estimate,
  type FinishedCell,
  formatDuration,
  formatEstimate,
  formatMilliseconds,
  groupCells,
  isAmong,
  medianSecondsPerStep,
  type TableColumns,
} from "../../experiments/index.ts";
import { checkArguments, listOf, OBJECT } from "../../tensor/internal.ts";
import type {
  AutoencoderConfig,
  AutoencoderRecord,
  AutoencoderResult,
} from "./cells/autoencoders.ts";
import { ESTIMATORS, type StlConfig, type StlResult } from "./cells/settings.ts";
import { published } from "./published.ts";

/** A row of the table: one experiment with one estimator. */
export interface Row {
  /** Of the experiment. */
  readonly title: string;
  /** The gradient estimator. */
  readonly estimator: StlConfig["estimator"];
  /** Trainings that are finished; 0 in the row of one that is not. */
  readonly runs: number;
  /** Of Table 2. */
  readonly autoencoder?: AutoencoderConfig;
  /** Uses of each training image so far, of the paper's 3280. */
  readonly epochs?: number;
  /** Seconds of training that are left. */
  readonly secondsLeft?: number;
  /** Test NLL in nats per image; of a training that is not finished, the last one of its curve. */
  readonly nll?: Estimate;
  /** The standard error over the test images, of one training. */
  readonly nllError?: number;
  /** By how much the NLL is below that of the total derivative with the same seed and images, where both are finished. */
  readonly belowTotal?: Estimate;
  /** Where it ended: of Figure 1, in sds of the posterior. */
  readonly distance?: Estimate;
  /** The variance of the gradient there: the trace of its covariance. */
  readonly variance?: Estimate;
  /** Of training. */
  readonly secondsPerStep: Estimate;
}

/**
 * A row for each estimator and setting, experiment by experiment; then one for each cell of Table 2 that has begun and is
 * not finished, from its curve.
 */
export function rowsOf(
  finished: readonly FinishedCell<StlConfig, StlResult>[],
  curves: readonly CellCurve<StlConfig>[] = [],
): Row[] {
  checkArguments("rowsOf", { finished, curves }, listOf(OBJECT));
  const begun = curves.filter((curve) => !isAmong(finished, curve));
  return [...finishedRows(finished), ...begun.flatMap((curve) => begunRow(curve))];
}

function finishedRows(finished: readonly FinishedCell<StlConfig, StlResult>[]): Row[] {
  const below = gains(finished);
  const groups = groupCells(finished);
  return groups.map(({ title, config, results }) => {
    const gained = results.flatMap((result) => below.get(result) ?? []);
    const endOf = (name: string) => {
      const last = results.flatMap(({ curves }) => curves?.[name]?.slice(-LAST) ?? []);
      return last.length > 0 && { [name]: estimate(last) };
    };
    return {
      ...{ title, estimator: config.estimator, runs: results.length },
      ...(isAutoencoder(config) && {
        autoencoder: config,
        epochs: config.epochs,
        nll: estimate((results as AutoencoderResult[]).map(({ nll }) => nll)),
        nllError: (results as AutoencoderResult[])[0].nllError,
      }),
      ...(gained.length > 0 && { belowTotal: estimate(gained) }),
      ...endOf("distance"),
      ...endOf("variance"),
      secondsPerStep: estimate(results.map((one) => one.secondsPerStep)),
    };
  });
}

/** By how much the NLL of each result is below that by the total derivative, of the same cell and seed. */
function gains(finished: readonly FinishedCell<StlConfig, StlResult>[]): Map<StlResult, number> {
  const cells = finished.flatMap(({ config, result }) =>
    isAutoencoder(config) ? [{ config, result: result as AutoencoderResult }] : [],
  );
  const settings = ({ estimator: _, ...others }: AutoencoderConfig) => JSON.stringify(others);
  const totals = new Map(
    cells.flatMap(({ config, result }) =>
      config.estimator === "total" ? [[settings(config), result.nll]] : [],
    ),
  );
  return new Map(
    cells.flatMap(({ config, result }) => {
      const total = config.estimator === "total" ? undefined : totals.get(settings(config));
      return total === undefined ? [] : [[result, total - result.nll]];
    }),
  );
}

function begunRow({ title, config, records }: CellCurve<StlConfig>): Row[] {
  const last = records.at(-1) as AutoencoderRecord | undefined;
  if (!isAutoencoder(config) || last === undefined) return [];
  const judged = (records as readonly AutoencoderRecord[]).findLast(({ nll }) => nll !== undefined);
  const pace = medianSecondsPerStep(records);
  const stepsLeft = last.step * (config.epochs / last.epoch - 1);
  return [
    {
      ...{ title, estimator: config.estimator, runs: 0, autoencoder: config },
      ...{ epochs: last.epoch, secondsLeft: stepsLeft * pace },
      ...(judged?.nll !== undefined && { nll: estimate([judged.nll]) }),
      secondsPerStep: estimate([pace]),
    },
  ];
}

/** Records at the end of a curve that its end is the mean of. */
const LAST = 20;

function isAutoencoder(config: StlConfig): config is AutoencoderConfig {
  return config.experiment === "table2";
}

/** The network and the bound of a cell of Table 2. */
export function cellName({ layers, bound, k }: AutoencoderConfig): string {
  return `${layers} ${layers === 1 ? "layer" : "layers"}, ${bound} k=${k}`;
}

/** The columns of the table, by their heads. */
export const COLUMNS: TableColumns<Row> = {
  experiment: ({ title }) => title,
  layers: ({ autoencoder }) => autoencoder?.layers,
  bound: ({ autoencoder }) => autoencoder?.bound,
  k: ({ autoencoder }) => autoencoder?.k,
  gradient: ({ estimator }) => ESTIMATORS[estimator],
  runs: ({ runs }) => runs,
  epochs: ({ epochs }) => epochs && `${Math.floor(epochs)}/3280`,
  left: ({ secondsLeft }) => secondsLeft && formatDuration(secondsLeft),
  "NLL (nats)": ({ nll }) => nll && formatEstimate(nll, 2),
  "± of test images": ({ nllError }) => nllError?.toFixed(2),
  "below total": ({ belowTotal }) => belowTotal && formatEstimate(belowTotal, 2),
  published: ({ autoencoder, estimator }) =>
    autoencoder && published(autoencoder, estimator)?.toFixed(2),
  "distance at the end (sd)": ({ distance }) =>
    distance && `${distance.mean.toPrecision(3)} ± ${distance.error.toPrecision(2)}`,
  "gradient variance": ({ variance }) => variance?.mean.toPrecision(3),
  "ms / step": ({ secondsPerStep }) => formatMilliseconds(secondsPerStep),
};
