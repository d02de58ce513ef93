/** Columns as Parquet files. */
import { parquetWriteBuffer } from "hyparquet-writer";
import { nameOf, type PosteriorDraws, type Summary } from "../../inference/index.ts";
import { sizeOf } from "../../tensor/index.ts";
import { writeWhole } from "../files.ts";

/** Columns of one length, of texts or numbers. */
export type Columns = Readonly<Record<string, readonly string[] | Float64Array>>;

/** @throws SurmiseError if the file cannot be written. */
export async function writeParquet(path: string, columns: Columns): Promise<void> {
  const columnData = Object.entries(columns).map(([name, data]) => {
    const type = data instanceof Float64Array ? ("DOUBLE" as const) : ("STRING" as const);
    return { name, data: [...data], type };
  });
  await writeWhole(path, new Uint8Array(parquetWriteBuffer({ columnData })));
}

/** What draws are worth, in the order of the columns. */
const WORTH = ["mcseMean", "ess", "rhat", "essBulk", "essTail"] as const;

/** The summary as columns; of what draws are worth, those that some row has. */
export function summaryColumns(rows: readonly Summary[]): Columns {
  const numbers = (of: (row: Summary) => number) => Float64Array.from(rows, of);
  return {
    name: rows.map(nameOf),
    site: rows.map(({ site }) => site),
    element: rows.map(({ element }) => element.join(",")),
    mean: numbers(({ mean }) => mean),
    sd: numbers(({ sd }) => sd),
    q5: numbers(({ q5 }) => q5),
    median: numbers(({ median }) => median),
    q95: numbers(({ q95 }) => q95),
    ...Object.fromEntries(
      WORTH.filter((name) => rows.some((row) => row[name] !== undefined)).map((name) => [
        name,
        numbers((row) => row[name] ?? Number.NaN),
      ]),
    ),
  };
}

/**
 * A column for each element of each site, such as `theta[Choate]`, a row for each draw; those of chains have the columns
 * `.chain` and `.draw` besides, which count from 1.
 */
export function drawColumns(
  { draws, chains, sites }: PosteriorDraws,
  summary: readonly Summary[],
): Columns {
  const columns: Record<string, Float64Array> = {};
  if (chains !== undefined) {
    const each = draws / chains;
    columns[".chain"] = Float64Array.from({ length: draws }, (_, d) => Math.floor(d / each) + 1);
    columns[".draw"] = Float64Array.from({ length: draws }, (_, d) => (d % each) + 1);
  }
  let next = 0;
  for (const { axes, data } of Object.values(sites)) {
    const size = sizeOf(axes);
    for (let at = 0; at < size; at++) {
      const values = Float64Array.from({ length: draws }, (_, d) => data[d * size + at]);
      columns[nameOf(summary[next++])] = values;
    }
  }
  return columns;
}
