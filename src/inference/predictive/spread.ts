/** Where numbers lie, in a few numbers. */

import { moments } from "../evaluation/summary.ts";
import { quantileOf } from "../statistics/quantile.ts";

/** Mean, standard deviation, ends and quantiles of the finite ones among numbers; NaN where there are none. */
export interface Spread {
  /** Their mean. */
  readonly mean: number;
  /** Their standard deviation. */
  readonly sd: number;
  /** The least. */
  readonly min: number;
  /** The 5% quantile. */
  readonly q5: number;
  /** The 50% quantile. */
  readonly median: number;
  /** The 95% quantile. */
  readonly q95: number;
  /** The largest. */
  readonly max: number;
  /** How many are infinite or not a number. */
  readonly notFinite: number;
}

/** Where these numbers lie. */
export function spreadOf(all: Float64Array): Spread {
  const values = all.filter(Number.isFinite).sort();
  const { length } = values;
  return {
    ...moments(values),
    min: values[0] ?? Number.NaN,
    q5: quantileOf(values, 0.05),
    median: quantileOf(values, 0.5),
    q95: quantileOf(values, 0.95),
    max: values[length - 1] ?? Number.NaN,
    notFinite: all.length - length,
  };
}
