/** Draws as a table of texts. */
import { checkArguments, OBJECT, TEXT } from "../../tensor/internal.ts";
import { writeInPieces, writeWhole } from "../files.ts";
import { type DrawsToSave, drawsColumns, type WriteProgress } from "./draws.ts";
import type { Columns } from "./parquet.ts";

/** About how many numbers are written at a time. */
const PIECE = 50_000;

/**
 * A CSV file (RFC 4180) with the columns of `drawsColumns`.
 *
 * @throws SurmiseError if the file cannot be written.
 */
export function writeDrawsCsv(
  path: string,
  draws: DrawsToSave,
  progress: WriteProgress = () => {},
): Promise<void> {
  const columns = drawsColumns(draws);
  const rows = Math.max(1, Math.floor(PIECE / columns.length));
  return writeInPieces(path, async (append) => {
    await append(`${columns.map(({ name }) => quoted(name)).join(",")}\n`);
    for (let from = 0; from < draws.draws; from += rows) {
      const to = Math.min(from + rows, draws.draws);
      let piece = "";
      for (let d = from; d < to; d++) piece += `${columns.map(({ at }) => at(d)).join(",")}\n`;
      await append(piece);
      progress(to / draws.draws);
    }
  });
}

/**
 * Columns of texts or numbers as a CSV file (RFC 4180).
 *
 * @throws SurmiseError if the file cannot be written.
 */
export function writeCsv(path: string, columns: Columns): Promise<void> {
  checkArguments("writeCsv", { path }, TEXT);
  checkArguments("writeCsv", { columns }, OBJECT);
  const all = Object.values(columns);
  const rows = Array.from({ length: all[0]?.length ?? 0 }, (_, i) =>
    all.map((x) => quoted(`${x[i]}`)),
  );
  return writeWhole(
    path,
    [Object.keys(columns).map(quoted), ...rows].map((row) => `${row.join(",")}\n`).join(""),
  );
}

function quoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
