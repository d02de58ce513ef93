/** Cells summed up over their seeds. */
import type { Strategy } from "./cell.ts";
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
  readonly seeds: number;
  readonly predictive: Estimate;
  readonly bound: Estimate;
  readonly secondsPerStep: Estimate;
}

/** A row for each problem, strategy and number of particles, in the order in which they were run. */
export function rowsOf(ran: readonly Ran[]): Row[] {
  const groups = new Map<string, Ran[]>();
  for (const one of ran) {
    const { strategy, particles } = one.config;
    const name = `${one.title}/${strategy}/${particles}`;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const [{ title, config }] = group;
    const over = (of: "predictive" | "bound" | "secondsPerStep") =>
      estimate(group.map(({ result }) => result[of]));
    return {
      title,
      strategy: config.strategy,
      particles: config.particles,
      seeds: group.length,
      predictive: over("predictive"),
      bound: over("bound"),
      secondsPerStep: over("secondsPerStep"),
    };
  });
}

export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, error: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Number.NaN };
}
