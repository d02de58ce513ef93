/** `surmise fit MODEL.ts --data FILE`: fits a model file to a table. */
import { basename, resolve } from "node:path";
import {
  evidenceText,
  type ModelFinished,
  type ModelRun,
  type ModelSettings,
  modelConfig,
  resumeModelRun,
  startModelRun,
} from "../runs/index.ts";
import { type AttendFlags, type Attention, attend } from "./attend.ts";
import { loadModelFile } from "./modelFile.ts";
import { optionName } from "./options.ts";
import { printTable } from "./terminal/table.ts";

/** More rows than this are left to the files. */
const MOST_ROWS = 60;

/** Begins a fit in the folder that `folderFor` makes of its name. */
export function fitModel(
  given: Partial<ModelSettings>,
  flags: AttendFlags,
  folderFor: (name: string) => string,
): Promise<void> {
  const config = modelConfig(absolute(given), optionName);
  const folder = folderFor(nameOf(config.model));
  return attend(folder, flags, (attention) => startModelRun(config, watched(attention)), summary);
}

/** Goes on with the fit in a folder. */
export function resumeModel(
  folder: string,
  given: Partial<ModelSettings>,
  flags: AttendFlags & { readonly force?: boolean },
): Promise<void> {
  const { force = false } = flags;
  const existing = { given: absolute(given), force, nameOf: optionName };
  return attend(
    folder,
    flags,
    (attention) => resumeModelRun({ ...watched(attention), ...existing }),
    summary,
  );
}

function watched({ ready, onProgress: _, ...attention }: Attention) {
  return {
    ...attention,
    load: loadModelFile,
    onReady: ({ config, loop }: ModelRun) => {
      const on = config.data === undefined ? "" : ` on ${basename(config.data)}`;
      const what = `${nameOf(config.model)}${on} by ${config.method}`;
      ready({ what, steps: config.steps, loop });
    },
  };
}

/** Paths that stay right wherever the run is resumed. */
function absolute(given: Partial<ModelSettings>): Partial<ModelSettings> {
  const { model, data } = given;
  return {
    ...given,
    ...(model === undefined ? {} : { model: resolve(model) }),
    ...(data === undefined ? {} : { data: resolve(data) }),
  };
}

function nameOf(path: string): string {
  return basename(path).replace(/\.\w+$/, "");
}

/** The posterior, and where the files are. */
function summary({ result, table }: ModelFinished): string {
  const { files, logEvidence } = result;
  const { columns, rows } = table;
  const rest = rows.length - MOST_ROWS;
  const parts = [
    printTable(columns, rows.slice(0, MOST_ROWS)) + (rest > 0 ? `\n... and ${rest} more rows` : ""),
  ];
  if (logEvidence !== undefined) {
    parts.push(`log evidence  ${evidenceText(result.method, logEvidence)}`);
  }
  parts.push(
    `summary  ${files.summary}\ndraws    ${files.draws}\nArviZ    ${files.posterior}\nreport   ${files.report}`,
  );
  return parts.join("\n\n");
}
