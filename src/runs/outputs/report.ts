/** Reports as files. */

import { dirname } from "node:path";
import { makeFolders } from "../../data/internal.ts";
import { type Report, reportHtml } from "../../report/index.ts";
import { checkArguments, TEXT } from "../../tensor/internal.ts";
import { cannotWrite, writeWhole } from "../files.ts";

/**
 * Writes the report to `file`, making its folder where there is none. A reader sees the old file
 * or the new one, never half of one. Throws SurmiseError where the file cannot be written.
 */
export async function writeReport(file: string, report: Report): Promise<void> {
  checkArguments("writeReport", { file }, TEXT);
  const html = reportHtml(report);
  try {
    makeFolders(dirname(file));
  } catch (cause) {
    throw cannotWrite(file, cause);
  }
  await writeWhole(file, html);
}
