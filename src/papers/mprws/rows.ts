/** The rows of the tables: cells summed up over seeds or repetitions. */
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
import { TRAINING_METHODS, type TrainingMethodName } from "./methods.ts";
import { type MprwsConfig, type MprwsResult, STRATEGIES, type Strategy } from "./strategies.ts";

/** A row of the table: one problem, one strategy, one number of particles. */
export interface Row {
  /** Of the problem. */
  readonly title: string;
  /** The particle strategy. */
  readonly strategy: Strategy;
  /** K. */
  readonly particles: number;
  /** By what the guide was trained, and its rate, where methods are compared. */
  readonly method?: TrainingMethodName;
  /** The rate. */
  readonly rate?: number;
  /** Predictions on the way there: means over seeds of what was done by the same step. */
  readonly curve?: readonly CurveRow[];
  /** Seeds of trainings, or repetitions of estimates. */
  readonly runs: number;
  /** Where there are test data. */
  readonly predictive?: Estimate;
  /** Estimates of the log evidence, in nats. */
  readonly bound: Estimate;
  /** The log evidence itself, where it is known. */
  readonly exact?: number;
  /** Of training. */
  readonly secondsPerStep: Estimate;
}

/** Predictions some way into the trainings of a row. */
export interface CurveRow {
  /** Iterations done. */
  readonly step: number;
  /** Time that they took. */
  readonly seconds: Estimate;
  /** Test predictive log likelihood, in nats. */
  readonly predictive: Estimate;
}

/** A row for each strategy, method and number of particles, problem by problem. */
export function rowsOf(finished: readonly FinishedCell<MprwsConfig, MprwsResult>[]): Row[] {
  checkArguments("rowsOf", { finished }, listOf(OBJECT));
  const groups = groupCells(finished, ({ strategy, particles, method = "", rate = "" }) => [
    ...[strategy, particles, method],
    ...(method === "" ? [] : [rate]),
  ]);
  return groups.map(({ title, config: { strategy, particles, method, rate }, results }) => {
    const bounds = results.flatMap((one) => one.bounds);
    const predictive = results.flatMap((one) => one.predictive ?? []);
    const [{ exact }] = results;
    return {
      ...{ title, strategy, particles, runs: bounds.length },
      ...(method && { method, ...(rate !== undefined && { rate }), curve: curveOf(results) }),
      ...(predictive.length > 0 && { predictive: estimate(predictive) }),
      bound: estimate(bounds),
      ...(exact !== undefined && { exact }),
      secondsPerStep: estimate(results.map((one) => one.secondsPerStep)),
    };
  });
}

function curveOf(results: readonly MprwsResult[]): readonly CurveRow[] {
  const [{ curve = [] }] = results;
  return curve.map(({ step }, i) => {
    const points = results.flatMap((one) => one.curve?.[i] ?? []);
    return {
      step,
      seconds: estimate(points.map(({ seconds }) => seconds)),
      predictive: estimate(points.map(({ predictive }) => predictive)),
    };
  });
}

/** What the numbers are, for tables and captions. */
export const PREDICTIVE = "test predictive log likelihood (nats)";
/** The head of the column of bounds. */
export const EVIDENCE = "log evidence (nats)";

/** The columns of the table, by their heads. */
export const COLUMNS: TableColumns<Row> = {
  data: ({ title }) => title,
  particles: ({ strategy }) => STRATEGIES[strategy].title,
  method: ({ method }) => method && TRAINING_METHODS[method].title,
  rate: ({ method, rate }) => (method ? rate : undefined),
  K: ({ particles }) => particles,
  runs: ({ runs }) => runs,
  [PREDICTIVE]: ({ predictive }) => predictive && formatEstimate(predictive, 2),
  [EVIDENCE]: ({ bound }) => formatEstimate(bound, 2),
  "exact log evidence": ({ exact }) => exact?.toFixed(2),
  "on the way (nats after seconds)": ({ curve }) => curve && onTheWay(curve),
  "ms / iteration": ({ secondsPerStep }) => formatMilliseconds(secondsPerStep),
};

/** At a tenth, a fifth and half of the training. */
const SHARES = [0.1, 0.2, 0.5];

function onTheWay(curve: readonly CurveRow[]): string | undefined {
  const last = curve.at(-1)?.step ?? 0;
  const some = SHARES.flatMap((share) => curve.find(({ step }) => step >= share * last) ?? []);
  const points = [...new Set(some)].map(
    ({ seconds, predictive }) =>
      `${predictive.mean.toFixed(1)} after ${seconds.mean.toPrecision(2)}`,
  );
  return points.length === 0 ? undefined : points.join(", ");
}
