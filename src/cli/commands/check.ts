/** `surmise check`: what the priors of a model file say of its data, before it is fitted. */
import { basename, resolve } from "node:path";
import { Command } from "commander";
import { observationsOf, type PriorCheck, priorCheck, type Spread } from "../../inference/index.ts";
import { tableConfig } from "../../problems/index.ts";
import { surmiseVersion, writePriorZarr } from "../../runs/index.ts";
import { SurmiseError } from "../../tensor/internal.ts";
import { runDisplay } from "../display.ts";
import { isModelFile, loadModelFile } from "../modelFile/modelFile.ts";
import { addSettings, checkIsNew, givenSettings, numberIn, optionName } from "../options.ts";
import { wholePath } from "../problems.ts";
import { warn } from "../terminal/output.ts";
import { printTable } from "../terminal/table.ts";
import { shortNumber } from "../terminal/text.ts";

interface CheckFlags {
  readonly json?: boolean;
  readonly data?: string;
  readonly out?: string;
}

/** The command. */
export function checkCommand(): Command {
  const command = new Command("check")
    .summary("hold the priors of a model against its data, before a fit")
    .description(
      "draw from the priors of a model file, and show the data that they lead to beside those that were observed",
    )
    .argument("<model>", "a TypeScript file that exports a model");
  return addSettings(command, ["seed"])
    .option(
      "--data <file>",
      "a CSV, JSON or Parquet file, an NPY or IDX file, or a folder of PNG pictures",
    )
    .option("--draws <n>", "draws from the priors (default: 1000)", numberIn)
    .option(
      "--out <folder>",
      "write the draws for ArviZ: a Zarr store with prior, prior_predictive, observed_data",
    )
    .option("--json", "print one line of JSON and nothing else on standard output")
    .action(check);
}

/** Checks, and prints what was found. */
async function check(path: string, flags: CheckFlags & Record<string, unknown>): Promise<void> {
  if (!isModelFile(path)) {
    throw new SurmiseError(
      `check: '${path}' is no model file: its name ends in .ts, .mts, .js or .mjs`,
    );
  }
  if (flags.out !== undefined) checkIsNew(flags.out);
  const given = givenSettings(flags);
  const data = flags.data === undefined ? {} : { data: wholePath(flags.data) };
  const { seed, dtype, ...config } = tableConfig(
    { ...given, ...data, model: resolve(path) },
    optionName,
  );
  const { model, data: columns } = await loadModelFile(config);
  const draws = given.draws === undefined ? {} : { draws: config.draws };
  const display = runDisplay(0, 0);
  let found: PriorCheck;
  try {
    found = priorCheck(model, columns, {
      ...{ ...draws, seed },
      ...(dtype && { dtype }),
      onProgress: (done, total) => display.onEvent({ kind: "score", what: "draws", done, total }),
    });
  } finally {
    display.stop();
  }
  const { drawn, ...told } = found;
  if (flags.out !== undefined) {
    const attributes = {
      inference_library: "surmise",
      inference_library_version: surmiseVersion(),
    };
    const observed = observationsOf(model, columns, dtype);
    await writePriorZarr(flags.out, drawn, { observed, attributes });
  }
  for (const message of found.warnings) warn(message);
  const on = flags.data === undefined ? "" : ` on ${basename(flags.data)}`;
  const file = flags.out === undefined ? "" : `\n\nprior    ${flags.out}`;
  const text = flags.json
    ? JSON.stringify(told)
    : `${basename(path)}${on}: ${found.draws} draws from the priors\n\n${formatCheck(found)}${file}`;
  process.stdout.write(`${text}\n`);
}

const COLUMNS = ["mean", "sd", "min", "5%", "50%", "95%", "max"];

/** Data and draws side by side, then the priors. */
function formatCheck({ observed, priors, warnings }: Omit<PriorCheck, "drawn">): string {
  const sites = observed.flatMap(({ site, data, prior, censored }) => [
    [censored > 0 ? `${site}, data (${censored} censored)` : `${site}, data`, ...numbersOf(data)],
    [`${site}, prior draws`, ...numbersOf(prior)],
  ]);
  const parts = [
    printTable(["observed", ...COLUMNS], sites),
    printTable(
      ["priors", ...COLUMNS],
      priors.map(({ site, ...spread }) => [site, ...numbersOf(spread)]),
    ),
    warnings.length === 0 ? "The data lie among the draws from the priors." : "",
  ];
  const isThere = [sites.length > 0, priors.length > 0, warnings.length === 0 && sites.length > 0];
  return parts.filter((_, i) => isThere[i]).join("\n\n");
}

function numbersOf({ mean, sd, min, q5, median, q95, max }: Spread): string[] {
  return [mean, sd, min, q5, median, q95, max].map((x) => shortNumber(x, 4));
}
