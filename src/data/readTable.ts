/** Tables from files. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { checkTableName, parseTable, type Table } from "../tables/internal.ts";
import { checkArguments, SurmiseError, TEXT } from "../tensor/internal.ts";

/**
 * Reads a table: CSV or TSV with a header, JSON (a list of rows, or an object of columns), Parquet; told
 * apart by the ending of the name.
 *
 * @throws SurmiseError if the file cannot be read, is of another kind, or holds no rows.
 */
export async function readTable(path: string): Promise<Table> {
  checkArguments("readTable", { path }, TEXT);
  checkTableName(path);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") throw new SurmiseError(`there is no file '${path}'`, { cause });
    throw new SurmiseError(`cannot read '${path}' (${cause.message})`, { cause });
  });
  return parseTable(bytes, basename(path));
}
