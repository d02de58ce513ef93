/** The metrics of samplers, by name: one row each. */
import { doublingWindows, overlappingWindows, type Schedule } from "../warmup/schedule.ts";
import { Covariance } from "./dense.ts";
import { FisherDiagonal, VarianceDiagonal } from "./diagonal.ts";
import { FisherLowRank } from "./lowRank.ts";
import type { MakeEstimator } from "./metric.ts";

/** A mass matrix, and when it is adapted. */
export interface MetricKind {
  /** In one line, for help and tables. */
  readonly about: string;
  /** How it follows from draws. */
  readonly estimator: MakeEstimator;
  /** When. */
  readonly schedule: Schedule;
}

/** Mass matrices, by name. */
export const METRICS = {
  diagonal: {
    about: "from the variances of draws and of gradients, after every draw (as nutpie)",
    estimator: (slots, dimension) => new FisherDiagonal(slots, dimension),
    schedule: overlappingWindows,
  },
  lowrank: {
    about:
      "as diagonal, with correlations along the directions that need them (as nutpie's low rank)",
    estimator: (slots, dimension) => new FisherLowRank(slots, dimension),
    schedule: overlappingWindows,
  },
  variance: {
    about: "diagonal, from the variances of draws, in windows that double (as Stan's diag_e)",
    estimator: (slots, dimension) => new VarianceDiagonal(slots, dimension),
    schedule: doublingWindows,
  },
  dense: {
    about: "from the covariance of draws, in windows that double (as Stan's dense_e)",
    estimator: (slots, dimension) => new Covariance(slots, dimension),
    schedule: doublingWindows,
  },
} satisfies Record<string, MetricKind>;

/** Up to so many unconstrained numbers correlations are looked for unless someone says otherwise. */
const CORRELATED = 64;

/** What suits so many unconstrained numbers. */
export function defaultMetric(dimension: number): MetricName {
  return dimension <= CORRELATED ? "lowrank" : "diagonal";
}

/** A key of `METRICS`. */
export type MetricName = keyof typeof METRICS;
