/** The rows of the tables: cells summed up over seeds. */
import {
  type Estimate,
  estimate,
  type FinishedCell,
  formatMilliseconds,
  formatSpread,
  groupCells,
  type TableColumns,
} from "../../experiments/index.ts";
import { checkArguments, listOf, OBJECT } from "../../tensor/internal.ts";
import { ALL_EPOCHS, ALL_ITERATIONS } from "./budgets.ts";
import type { AutoencoderConfig, AutoencoderResult } from "./cells/autoencoders.ts";
import { CONTROLS, METHODS, type VcdConfig, type VcdResult } from "./cells/settings.ts";
import type { ToyConfig, ToyResult } from "./cells/toys.ts";
import { KNOWN_CONTROLS, type KnownControl, type VarianceResult } from "./cells/variances.ts";
import { PUBLISHED_LOG_LIKELIHOOD, PUBLISHED_SPEED } from "./published.ts";
import { PROPOSALS, type Proposal } from "./testLogLikelihood.ts";
import { GUIDES, TOYS } from "./toys.ts";

/** A row of the table: cells that differ by their seed, or one control variate of a cell of variances. */
export interface Row {
  /** Of the experiment. */
  readonly title: string;
  /** The settings, of the first of them. */
  readonly config: VcdConfig;
  /** Trainings. */
  readonly runs: number;
  /** Of the test images, in nats per image, by each proposal. */
  readonly logLikelihood?: Partial<Record<Proposal, Estimate>>;
  /** The standard error over the test images, of one training. */
  readonly imageError?: number;
  /** Of the toys, KL(q || p) and KL(p || q), in nats. */
  readonly divergences?: { readonly ofGuide: Estimate; readonly ofTarget: Estimate };
  /** Of the gradient's variance, datum by datum. */
  readonly variance?: {
    readonly control: KnownControl;
    /** The median over data. */
    readonly median: number;
    /** The mean over data. */
    readonly mean: number;
    /** In how many of how many data it is smaller than with the scalar one. */
    readonly smaller: number;
    readonly data: number;
  };
  /** Of training. */
  readonly secondsPerStep: Estimate;
}

/** A row for each setting, experiment by experiment. */
export function rowsOf(finished: readonly FinishedCell<VcdConfig, VcdResult>[]): Row[] {
  checkArguments("rowsOf", { finished }, listOf(OBJECT));
  const groups = groupCells(finished);
  return groups.flatMap(({ title, config, results }): Row[] => {
    const secondsPerStep = estimate(results.map((one) => one.secondsPerStep));
    const row = { title, config, runs: results.length, secondsPerStep };
    if (config.experiment === "variances") {
      return varianceRows(row, results[0] as VarianceResult);
    }
    if (config.experiment === "toys")
      return [{ ...row, divergences: toys(results as ToyResult[]) }];
    return [{ ...row, ...likelihoods(results as AutoencoderResult[]) }];
  });
}

function toys(results: readonly ToyResult[]): NonNullable<Row["divergences"]> {
  return {
    ofGuide: estimate(results.map(({ ofGuide }) => ofGuide)),
    ofTarget: estimate(results.map(({ ofTarget }) => ofTarget)),
  };
}

function likelihoods(
  results: readonly AutoencoderResult[],
): Pick<Row, "logLikelihood" | "imageError"> {
  const [first] = results.flatMap(({ logLikelihood }) => logLikelihood ?? []);
  if (first === undefined) return {};
  const names = Object.keys(first) as Proposal[];
  const byName = names.map((name) => [
    name,
    estimate(results.flatMap(({ logLikelihood }) => logLikelihood?.[name]?.mean ?? [])),
  ]);
  return {
    logLikelihood: Object.fromEntries(byName),
    ...(first.chain && { imageError: first.chain.error }),
  };
}

function varianceRows(row: Row, { data }: VarianceResult): Row[] {
  return (Object.keys(KNOWN_CONTROLS) as KnownControl[]).map((control) => {
    const values = data.map(({ variances }) => variances[control]).sort((a, b) => a - b);
    return {
      ...row,
      variance: {
        control,
        median: values[Math.floor(values.length / 2)],
        mean: values.reduce((a, b) => a + b) / values.length,
        smaller: data.filter(({ variances }) => variances[control] < variances.scalar).length,
        data: data.length,
      },
    };
  });
}

const asToy = ({ config }: Row) =>
  config.experiment === "toys" ? (config as ToyConfig) : undefined;
const asTraining = ({ config }: Row) =>
  "batch" in config ? (config as AutoencoderConfig) : undefined;

function iterationsOf({ experiment, iterations, batch }: AutoencoderConfig): string {
  if (experiment === "speed" || experiment === "variances") return String(iterations);
  if (experiment !== "batch-size") return `${iterations} of ${ALL_ITERATIONS}`;
  return `${iterations} of ${Math.round((ALL_EPOCHS * 50_000) / batch)}`;
}

const likelihood = (name: Proposal) => (row: Row) => {
  const found = row.logLikelihood?.[name];
  return found && formatSpread(found, 2);
};

/** The columns of the table, by their heads. */
export const COLUMNS: TableColumns<Row> = {
  experiment: ({ title }) => title,
  target: (row) => asToy(row) && TOYS[(asToy(row) as ToyConfig).target].title,
  q: (row) => asToy(row) && GUIDES[(asToy(row) as ToyConfig).guide],
  method: ({ config, variance }) => (variance ? undefined : METHODS[config.method]),
  "control variate": (row) => {
    if (row.variance) return KNOWN_CONTROLS[row.variance.control];
    const config = asTraining(row);
    return config?.method === "vcd" ? CONTROLS[config.control] : undefined;
  },
  batch: (row) => asTraining(row)?.batch,
  runs: ({ runs }) => runs,
  iterations: (row) => {
    const config = asTraining(row);
    return config ? iterationsOf(config) : row.config.iterations;
  },
  "KL(q || p)": ({ divergences }) => divergences && formatSpread(divergences.ofGuide, 3),
  "KL(p || q)": ({ divergences }) => divergences && formatSpread(divergences.ofTarget, 3),
  "variance, median": ({ variance }) => variance?.median.toPrecision(3),
  "variance, mean": ({ variance }) => variance?.mean.toPrecision(3),
  "below scalar": ({ variance }) => variance && `${variance.smaller} of ${variance.data}`,
  ...Object.fromEntries(
    (Object.keys(PROPOSALS) as Proposal[]).map((name) => [
      `log likelihood (${PROPOSALS[name]})`,
      likelihood(name),
    ]),
  ),
  "± of test images": ({ imageError }) => imageError?.toFixed(2),
  published: ({ config, logLikelihood }) =>
    config.method === "vcd" && config.experiment !== "batch-size" && logLikelihood
      ? PUBLISHED_LOG_LIKELIHOOD.toFixed(2)
      : undefined,
  "ms / step": ({ secondsPerStep: { mean, ...rest } }) =>
    mean < 1e-4 ? `${(1000 * mean).toPrecision(3)}` : formatMilliseconds({ mean, ...rest }),
  "steps / s": ({ secondsPerStep }) => Number((1 / secondsPerStep.mean).toPrecision(3)),
  "published / s": (row) =>
    row.config.experiment === "speed" && asTraining(row) ? PUBLISHED_SPEED : undefined,
};
