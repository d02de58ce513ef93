/** What the page draws: lines from the posterior of a linear regression with outliers, sampled in the page itself. */
import {
  type Columns,
  columnsOf,
  halfNormal,
  type LoopEvent,
  model,
  nameOf,
  normal,
  parseTable,
  sample,
  studentT,
  summarise,
} from "surmise";

const line = model(({ sample, observe, plate }, { row, column }: Columns) => {
  const level = sample("level", normal(0, 100));
  const slope = sample("slope", normal(0, 100));
  const noise = sample("noise", halfNormal(100));
  plate(row, () => {
    observe("y", studentT(4, level.add(slope.mul(column("x"))), noise), column("y"));
  });
});

/** What is shown of a posterior. */
export interface Lines {
  readonly rows: readonly { readonly name: string; readonly mean: number; readonly sd: number }[];
  /** Level and slope of each of some draws. */
  readonly lines: readonly (readonly [number, number])[];
}

/**
 * Draws lines for a table with the columns x and y.
 *
 * @throws SurmiseError with what is wrong with the table, or with the draws.
 */
export async function drawLines(
  csv: string,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (event: LoopEvent) => void } = {},
): Promise<Lines> {
  const draws = await sample(line, columnsOf(await parseTable(csv, "table.csv")), {
    seed: 1,
    ...options,
  });
  const { level, slope } = draws.sites;
  const every = Math.ceil(draws.draws / 80);
  return {
    rows: summarise(draws).map((row) => ({ name: nameOf(row), mean: row.mean, sd: row.sd })),
    lines: Array.from({ length: Math.floor(draws.draws / every) }, (_, i) => [
      level.data[i * every],
      slope.data[i * every],
    ]),
  };
}
