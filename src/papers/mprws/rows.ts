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
import { type MprwsConfig, type MprwsResult, STRATEGIES, type Strategy } from "./strategies.ts";

/** A row of the table: one problem, one strategy, one number of particles. */
export interface Row {
  /** Of the problem. */
  readonly title: string;
  /** The particle strategy. */
  readonly strategy: Strategy;
  /** K. */
  readonly particles: number;
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

/** A row for each strategy and number of particles, problem by problem. */
export function rowsOf(finished: readonly FinishedCell<MprwsConfig, MprwsResult>[]): Row[] {
  const groups = groupCells(finished, ({ strategy, particles }) => [strategy, particles]);
  return groups.map(({ title, config: { strategy, particles }, results }) => {
    const bounds = results.flatMap((one) => one.bounds);
    const predictive = results.flatMap((one) => one.predictive ?? []);
    const [{ exact }] = results;
    return {
      ...{ title, strategy, particles, runs: bounds.length },
      ...(predictive.length > 0 && { predictive: estimate(predictive) }),
      bound: estimate(bounds),
      ...(exact !== undefined && { exact }),
      secondsPerStep: estimate(results.map((one) => one.secondsPerStep)),
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
  K: ({ particles }) => particles,
  runs: ({ runs }) => runs,
  [PREDICTIVE]: ({ predictive }) => predictive && formatEstimate(predictive, 2),
  [EVIDENCE]: ({ bound }) => formatEstimate(bound, 2),
  "exact log evidence": ({ exact }) => exact?.toFixed(2),
  "ms / iteration": ({ secondsPerStep }) => formatMilliseconds(secondsPerStep),
};
