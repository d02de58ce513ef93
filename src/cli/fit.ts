/** `surmise fit`: a model file on a table, or a known model of images, in a folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { readRun } from "../runs/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import type { AttendFlags } from "./attend.ts";
import { fitImages, resumeImages } from "./fitImages.ts";
import { fitModel, resumeModel } from "./fitModel.ts";
import { isModelFile } from "./modelFile.ts";
import { MODELS } from "./models.ts";
import { addSettings, givenSettings } from "./options.ts";

interface FitFlags extends AttendFlags {
  readonly out?: string;
  readonly resume?: string;
  readonly force?: boolean;
}

/** The command, with an option for each setting. */
export function fitCommand(): Command {
  const models = Object.entries(MODELS).map(([name, { description }]) => `${name}: ${description}`);
  const command = new Command("fit")
    .description("fit a model; the folder of the run is made, or resumed")
    .argument("[model]", `a TypeScript file that exports a model, or ${models.join("; ")}`);
  return addSettings(command)
    .option("--out <folder>", "folder of the run (default: a new one in surmise-runs)")
    .option("--resume <folder>", "go on with an interrupted run, with the settings it has")
    .option("--force", "resume a run that another build of surmise began")
    .option("--checkpoint-every <seconds>", "seconds between two checkpoints", "5")
    .option("--json", "print one line of JSON and nothing else on standard output")
    .action(fit);
}

async function fit(model: string | undefined, options: FitFlags & Record<string, unknown>) {
  const given = { ...givenSettings(options), ...(model === undefined ? {} : { model }) };
  const { out, resume } = options;
  if (resume === undefined) {
    const start = model !== undefined && isModelFile(model) ? fitModel : fitImages;
    return start(given, options, (name) => out ?? freeFolder(name));
  }
  if (out !== undefined && out !== resume) {
    throw new SurmiseError(`--resume ${resume} and --out ${out}: a run has one folder, give one`);
  }
  const { kind } = await readRun(resume);
  return (kind === "model" ? resumeModel : resumeImages)(resume, given, options);
}

/** `surmise-runs/NAME-1`, or the first number that is free. */
function freeFolder(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, "-");
  for (let number = 1; ; number++) {
    const folder = join("surmise-runs", `${plain}-${number}`);
    if (!existsSync(folder)) return folder;
  }
}
