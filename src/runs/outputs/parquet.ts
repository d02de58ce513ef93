/** Columns as Parquet files. */

import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { fileWriter, ParquetWriter, parquetWriteBuffer } from "hyparquet-writer";
import { nameOf, type Summary } from "../../inference/index.ts";
import { nextTurn } from "../../inference/internal.ts";
import {
  checkArguments,
  either,
  listOf,
  NUMBERS,
  OBJECT,
  recordOf,
  TEXT,
} from "../../tensor/internal.ts";
import { writeDraft, writeWhole } from "../files.ts";
import { outputOf, type SealedResult } from "../folder/folder.ts";
import { type DrawsToSave, drawsColumns, type WriteProgress } from "./draws.ts";

/** Columns of one length, of texts or numbers. */
export type Columns = Readonly<Record<string, readonly string[] | Float64Array>>;

const COLUMN = either(NUMBERS, listOf(TEXT));

/** @throws SurmiseError if the file cannot be written. */
export async function writeParquet(path: string, columns: Columns): Promise<void> {
  checkArguments("writeParquet", { path }, TEXT);
  checkArguments("writeParquet", { columns }, recordOf(COLUMN));
  const columnData = Object.entries(columns).map(([name, data]) => {
    const type = data instanceof Float64Array ? ("DOUBLE" as const) : ("STRING" as const);
    return { name, data: [...data], type };
  });
  await writeWhole(path, new Uint8Array(parquetWriteBuffer({ columnData })));
}

/** A row of a file, by the names of its columns. */
type OutputRow = Awaited<ReturnType<typeof parquetReadObjects>>[number];

/**
 * The rows of a file that a finished run has left in its folder; undefined if it has left none.
 *
 * @param sealed what result.json holds; read unless given
 * @throws SurmiseError if the file has changed since.
 */
export async function outputRows(
  folder: string,
  name: string,
  sealed?: SealedResult,
): Promise<readonly OutputRow[] | undefined> {
  checkArguments("outputRows", { folder, name }, TEXT);
  const path = await outputOf(folder, name, sealed);
  if (path === undefined) return undefined;
  return parquetReadObjects({ file: await asyncBufferFromFile(path) });
}

/** What draws are worth, in the order of the columns. */
const WORTH = ["mcseMean", "ess", "rhat", "essBulk", "essTail"] as const;

/** The summary as columns; of what draws are worth, those that some row has. */
export function summaryColumns(rows: readonly Summary[]): Columns {
  checkArguments("summaryColumns", { rows }, listOf(OBJECT));
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

/** About how many numbers are written between two turns of the event loop. */
const GROUP = 4e6;

/** Draws of a group of rows, at least: each group has entries of its own in the list at the end of the file. */
const LEAST_ROWS = 1000;

/**
 * The columns of `drawsColumns`, float64, or int64 where all are whole numbers. Only one column of a group of rows is in memory at a time.
 *
 * @throws SurmiseError if the file cannot be written.
 */
export async function writeDrawsParquet(
  path: string,
  draws: DrawsToSave,
  progress: WriteProgress = () => {},
): Promise<void> {
  const columns = drawsColumns(draws);
  const rows = Math.max(LEAST_ROWS, Math.floor(GROUP / columns.length));
  const fields = columns.map(({ name, whole }) => ({
    name,
    type: whole ? ("INT64" as const) : ("DOUBLE" as const),
    repetition_type: "REQUIRED" as const,
  }));
  await writeDraft(path, async (draft) => {
    const file = new ParquetWriter({
      writer: fileWriter(draft),
      schema: [{ name: "root", num_children: columns.length }, ...fields],
      codec: "UNCOMPRESSED",
      statistics: false,
    });
    for (let from = 0; from < draws.draws; from += rows) {
      const length = Math.min(rows, draws.draws - from);
      const columnData = columns.map(({ name, at, whole }) => ({
        name,
        encoding: "PLAIN" as const,
        get data() {
          return whole
            ? BigInt64Array.from({ length }, (_, d) => BigInt(at(from + d)))
            : Float64Array.from({ length }, (_, d) => at(from + d));
        },
      }));
      await file.write({ columnData, rowGroupSize: rows });
      progress((from + length) / draws.draws);
      await nextTurn();
    }
    await file.finish();
  });
}
