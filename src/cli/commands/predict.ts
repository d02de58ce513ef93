/** `surmise predict`: what a finished fit of a model file says of rows that it has not seen. */
import { extname } from "node:path";
import { Command } from "commander";
import { readTable } from "../../data/index.ts";
import { predictRows, type RowPredictions, type TableConfig } from "../../problems/index.ts";
import { checkSources, readRun, summaryColumns, writeCsv, writeParquet } from "../../runs/index.ts";
import { SurmiseError } from "../../tensor/internal.ts";
import { formatSummary } from "../format.ts";
import { loadModelFile } from "../modelFile/modelFile.ts";
import { checkIsNew } from "../options.ts";
import { warn } from "../terminal/output.ts";

/** The endings of `--out`, and what writes such files. */
const WRITERS = { ".csv": writeCsv, ".parquet": writeParquet };

interface PredictFlags {
  readonly data: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** The command. */
export function predictCommand(): Command {
  return new Command("predict")
    .summary("predict new rows by a finished fit")
    .description(
      "predict the observed sites of a model file for new rows, by a finished fit: labels that the fit has seen are those " +
        "of its draws, new ones are drawn from the model",
    )
    .argument("<run>", "the folder of the fit")
    .requiredOption(
      "--data <file>",
      "the new rows, a CSV, JSON or Parquet file; the outcome may be left out",
    )
    .option("--out <file>", "write all predictions to this file, which ends in .csv or .parquet")
    .option("--json", "print one line of JSON and nothing else on standard output")
    .action(predict);
}

async function predict(folder: string, { data, out, json }: PredictFlags): Promise<void> {
  const write = out === undefined ? undefined : writerOf(out);
  const run = await readRun(folder);
  if (run.kind !== "model") throw new SurmiseError(`'${folder}' holds no fit of a model file`);
  const config = run.config as TableConfig;
  const fitted = await loadModelFile(config);
  checkSources(folder, run, fitted.sources);
  const predicted = await predictRows({ fitted, rows: await readTable(data), folder, config });
  if (write !== undefined) await write(predicted.rows);
  for (const message of predicted.warnings) warn(message);
  const text = json ? JSON.stringify(predicted) : formatted(predicted, out);
  process.stdout.write(`${text}\n`);
}

/** @throws SurmiseError for another ending, or if the file is there. */
function writerOf(out: string): (rows: RowPredictions["rows"]) => Promise<void> {
  const ending = extname(out).toLowerCase();
  if (!(ending in WRITERS)) {
    throw new SurmiseError(
      `--out '${out}': the name must end in ${Object.keys(WRITERS).join(" or ")}`,
    );
  }
  checkIsNew(out);
  return (rows) => WRITERS[ending as keyof typeof WRITERS](out, summaryColumns(rows));
}

function formatted({ rows, draws }: RowPredictions, out: string | undefined): string {
  const file = out === undefined ? "" : `\n\npredictions  ${out}`;
  return `${formatSummary(rows, false)}\n\nat ${draws} draws${file}`;
}
