/** What a fitted model predicts, and what that says of it: checks, leave-one-out, files. */
import { join } from "node:path";
import {
  type Coverage,
  nameOf,
  type Observations,
  type Pointwise,
  type PosteriorDraws,
  type PredictiveDraws,
  paretoKLimit,
  pointwise,
  posteriorCheck,
  predictions,
  type SitePit,
  type StatisticCheck,
  waic,
} from "../../inference/index.ts";
import { leaveOneOutAndPit } from "../../inference/internal.ts";
import type { Model } from "../../model/index.ts";
import {
  outputRows,
  type RunEvent,
  readRun,
  readSealed,
  writeParquet,
} from "../../runs/internal.ts";
import {
  checkArguments,
  type Precision,
  SurmiseError,
  sizeOf,
  TEXT,
} from "../../tensor/internal.ts";

/** The file of what leave-one-out says of each observation. */
export const LOO_FILE = "loo.parquet";

/** An expected log predictive density of all observations. */
export interface ElpdResult {
  /** In nats. */
  readonly elpd: number;
  /** Its standard error. */
  readonly standardError: number;
  /** The effective number of parameters. */
  readonly parameters: number;
}

/** The part of a result that is made of predictions. */
export interface PredictionsResult {
  /** How many draws predictions were made at. */
  readonly draws: number;
  /** Statistics of the data beside those of the draws. */
  readonly checks: readonly StatisticCheck[];
  /** How many data lie in intervals of their draws. */
  readonly coverage: readonly Coverage[];
  /** How many observations are left out, one by one. */
  readonly observations: number;
  /** Leave-one-out by Pareto-smoothed importance sampling. */
  readonly loo: ElpdResult & {
    /** The largest k-hat of an observation; null where it is infinite. */
    readonly largestK: number | null;
    /** How many have one above the limit. */
    readonly above: number;
    /** The limit, which depends on the number of draws. */
    readonly limit: number;
  };
  /** The widely applicable information criterion. */
  readonly waic: ElpdResult;
  /** By site, how far leave-one-out PITs are from uniform ones: above 1 is too far. */
  readonly pit: readonly { readonly site: string; readonly distance: number }[];
}

/** Predictions, and what is made of them. */
export interface Predicted {
  /** Draws of the observed sites. */
  readonly predictive: PredictiveDraws;
  /** The log likelihood of each observation. */
  readonly logLikelihood: PredictiveDraws;
  /** For result.json. */
  readonly result: PredictionsResult;
  /** Where observations lie among predictions made without them. */
  readonly pit: readonly SitePit[];
  /** The k-hat of each observation. */
  readonly kHat: Float64Array;
  /** Reasons to think the model over. */
  readonly warnings: readonly string[];
}

/** Numbers of predictions and log likelihoods that are kept, about; draws are thinned to that. */
const MOST_NUMBERS = 4e7;

/** What predictions are made of. */
export interface PredictOptions {
  /** The model that was fitted. */
  readonly model: Model<unknown, unknown>;
  /** What it is called with. */
  readonly data: unknown;
  /** The draws of the posterior. */
  readonly draws: PosteriorDraws;
  /** The data of the model. */
  readonly observations: Observations;
  /** What is computed in. */
  readonly dtype: Precision;
  /** Of the run. */
  readonly seed: number;
  /** Where the file of leave-one-out is written. */
  readonly folder: string;
  /** Told of progress. */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
}

/**
 * Predicts, checks, and writes what leave-one-out says of each observation; undefined of a model that observes nothing.
 *
 * @throws SurmiseError if a site cannot be predicted, or the file cannot be written.
 */
export async function predict(options: PredictOptions): Promise<Predicted | undefined> {
  const { model, data, draws, observations, dtype, seed, folder, onEvent } = options;
  const sizes = Object.values(observations).map(
    ({ axes, plates }) => sizeOf(axes) + sizeOf(plates),
  );
  if (sizes.length === 0) return undefined;
  const numbers = draws.draws * sizes.reduce((a, b) => a + b);
  const thin = Math.max(1, Math.ceil(numbers / MOST_NUMBERS));
  const { predictive, logLikelihood } = predictions(model, data, draws, {
    ...{ seed, dtype, thin },
    onProgress: (done, total) => onEvent?.({ kind: "score", what: "predictions", done, total }),
  });
  const { statistics, coverage, warnings } = posteriorCheck(predictive, observations);
  const each = pointwise(logLikelihood, observations);
  const { names } = each;
  const { loo, pit } = leaveOneOutAndPit(predictive, each, observations);
  const criterion = waic(each);
  const limit = paretoKLimit(predictive.draws);
  const largest = loo.kHat.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  await writeParquet(join(folder, LOO_FILE), {
    site: names.map(({ site }) => site),
    element: names.map(({ element }) => element.join(",")),
    data: dataOf(each, observations),
    elpd: loo.pointwise,
    kHat: loo.kHat,
    waic: criterion.pointwise,
    pWaic: criterion.pointwiseParameters,
  });
  const far = pit.filter(({ distance }) => distance > 1);
  return {
    ...{ predictive, logLikelihood, pit, kHat: loo.kHat },
    result: {
      ...{ draws: predictive.draws, checks: statistics, coverage, observations: names.length },
      loo: {
        ...elpdOf(loo),
        largestK: Number.isFinite(largest) ? largest : null,
        above: loo.kHat.filter((k) => k > limit).length,
        limit,
      },
      waic: elpdOf(criterion),
      pit: pit.map(({ site, distance }) => ({ site, distance })),
    },
    warnings: [...warnings, ...far.map(notUniform), ...loo.warnings],
  };
}

/** The number that was observed, or NaN where it is several. */
function dataOf({ names, places }: Pointwise, observations: Observations): Float64Array {
  return Float64Array.from(names, ({ site }, i) => {
    const { data, axes, plates } = observations[site];
    return axes.length === plates.length ? data[places[i]] : Number.NaN;
  });
}

/** What leave-one-out says of the observations of a finished fit. */
export interface LooTable {
  /** `effect[Choate]`. */
  readonly names: readonly string[];
  /** The number that was observed, or NaN where it is several. */
  readonly data: Float64Array;
  /** In nats. */
  readonly elpd: Float64Array;
  /** How many observations have a k-hat above the limit. */
  readonly above: number;
}

/**
 * Reads what a fit with `predict` has left in its folder.
 *
 * @throws SurmiseError if there is no such fit, or it has predicted nothing.
 */
export async function readLoo(folder: string): Promise<LooTable> {
  checkArguments("readLoo", { folder }, TEXT);
  const { kind } = await readRun(folder);
  const sealed = await readSealed(folder);
  const rows = sealed && (await outputRows(folder, LOO_FILE, sealed));
  if (sealed === undefined || rows === undefined) {
    throw new SurmiseError(
      kind === "model"
        ? `the fit in '${folder}' has no ${LOO_FILE}: it is not finished, or was made without --predict; fit again with it`
        : `'${folder}' holds no fit of a model file`,
    );
  }
  const { loo } = (sealed.result as { readonly predictions: PredictionsResult }).predictions;
  const numbers = (column: string) => Float64Array.from(rows, (row) => Number(row[column]));
  return {
    names: rows.map(({ site, element }) =>
      nameOf({ site, element: element === "" ? [] : [element] }),
    ),
    data: numbers("data"),
    elpd: numbers("elpd"),
    above: rows.filter(({ kHat }) => !(kHat <= loo.limit)).length,
  };
}

function elpdOf({ elpd, standardError, parameters }: ElpdResult): ElpdResult {
  return { elpd, standardError, parameters };
}

const notUniform = ({ site }: SitePit) =>
  `the data of '${site}' do not lie among their predictions as they should (LOO-PIT is not uniform): see its figure in the ` +
  "report: a hump says that predictions are too wide, a trough that they are too narrow, a slope that they are to one side";
