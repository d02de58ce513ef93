/** Cells summed up over their seeds, or over the repetitions in them. */
import type { CellConfig, FinishedCell } from "./cell.ts";

/** A mean, its standard error, and the standard deviation; both not numbers if there is only one value. */
export interface Estimate {
  /** The mean over the seeds. */
  readonly mean: number;
  /** The standard error of the mean. */
  readonly error: number;
  /** The standard deviation of the values. */
  readonly sd: number;
}

/** Cells of one problem that differ by their seed only. */
export interface CellGroup<Config extends CellConfig, Result extends object> {
  /** Of the problem. */
  readonly title: string;
  /** Of the first of them. */
  readonly config: Config;
  /** One for each seed. */
  readonly results: readonly Result[];
}

/**
 * The cells that belong to one row: those of one problem with the same `settings` (all but the seed, unless
 * given), problem by problem, in the order in which they were run.
 */
export function groupCells<Config extends CellConfig, Result extends object>(
  finished: readonly FinishedCell<Config, Result>[],
  settings: (config: Config) => readonly unknown[] = ({ seed: _, ...others }) =>
    Object.values(others),
): CellGroup<Config, Result>[] {
  const groups = new Map<string, CellGroup<Config, Result> & { readonly results: Result[] }>();
  const titles = [...new Set(finished.map(({ title }) => title))];
  for (const one of titles.flatMap((title) => finished.filter((some) => some.title === title))) {
    const { title, config, result } = one;
    const name = JSON.stringify([title, ...settings(config)]);
    const group = groups.get(name) ?? { title, config, results: [] };
    group.results.push(result);
    groups.set(name, group);
  }
  return [...groups.values()];
}

/** The mean of `values`, its standard error, sd / sqrt(n), and sd. */
export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  const sd = n > 1 ? Math.sqrt(squares / (n - 1)) : Number.NaN;
  return { mean, error: sd / Math.sqrt(n), sd };
}
