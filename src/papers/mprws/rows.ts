/** Cells summed up over their seeds, or over the repetitions in them. */
import type { CellResult, Strategy } from "./strategies.ts";
import type { Ran } from "./study.ts";

/** A mean and its standard error, the latter not a number if there is only one value. */
export interface Estimate {
  readonly mean: number;
  readonly error: number;
}

export interface Row {
  readonly title: string;
  readonly strategy: Strategy;
  readonly particles: number;
  /** Seeds of trainings, or repetitions of estimates. */
  readonly runs: number;
  /** Where there are data to judge by. */
  readonly predictive?: Estimate;
  readonly bound: Estimate;
  /** The log evidence itself, where it is known. */
  readonly exact?: number;
  readonly secondsPerStep: Estimate;
}

/** A row for each strategy and number of particles, problem by problem, in the order in which they were run. */
export function rowsOf(ran: readonly Ran[]): Row[] {
  const groups = new Map<string, Ran[]>();
  const titles = [...new Set(ran.map(({ title }) => title))];
  for (const one of titles.flatMap((title) => ran.filter((some) => some.title === title))) {
    const { strategy, particles } = one.config;
    const name = `${one.title}/${strategy}/${particles}`;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const [{ title, config, result }] = group;
    const over = (of: (result: CellResult) => number | readonly number[] | undefined) =>
      group.flatMap((one) => of(one.result) ?? []);
    const bounds = over((one) => one.bounds);
    const predictive = over((one) => one.predictive);
    return {
      title,
      strategy: config.strategy,
      particles: config.particles,
      runs: bounds.length,
      ...(predictive.length > 0 && { predictive: estimate(predictive) }),
      bound: estimate(bounds),
      ...(result.exact !== undefined && { exact: result.exact }),
      secondsPerStep: estimate(over((one) => one.secondsPerStep)),
    };
  });
}

export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, error: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Number.NaN };
}
