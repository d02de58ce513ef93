/** `surmise fit`: trains a model of images with any settings, in a folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import {
  type FolderRunOptions,
  imageConfig,
  type Outcome,
  resumeRun,
  startRun,
} from "../runs/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { CALLED } from "./called.ts";
import { downloadDisplay, type RunDisplay, runDisplay } from "./display.ts";
import { EXIT } from "./errors.ts";
import { onInterrupt } from "./interrupt.ts";
import { buildModel, MODELS, modelNamed } from "./models.ts";
import { addSettings, givenSettings, optionName } from "./options.ts";
import { metricsTable, picturesText } from "./show.ts";

interface FitFlags {
  readonly out?: string;
  readonly resume?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly checkpointEvery: string;
}

/** The command, with an option for each setting. */
export function fitCommand(): Command {
  const models = Object.entries(MODELS).map(([name, { description }]) => `${name}: ${description}`);
  const command = new Command("fit")
    .description("train a model of images; the folder of the run is made, or resumed")
    .argument("[model]", models.join("; "));
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
  const { out, resume, force = false } = options;
  if (resume === undefined) {
    const config = imageConfig(given, optionName);
    modelNamed(config.model);
    const folder = out ?? freeFolder(`${config.model}-${config.data}`);
    return attend(folder, options, (watched) => startRun(config, { ...watched, folder }));
  }
  if (out !== undefined && out !== resume) {
    throw new SurmiseError(`--resume ${resume} and --out ${out}: a run has one folder, give one`);
  }
  const existing = { folder: resume, given, force, nameOf: optionName };
  return attend(resume, options, (watched) => resumeRun({ ...watched, ...existing }));
}

/** Runs `work` with a display and an ear for Ctrl-C, and tells how it ended. */
async function attend(
  folder: string,
  { json = false, checkpointEvery: seconds }: FitFlags,
  work: (watched: Omit<FolderRunOptions, "folder">) => Promise<Outcome>,
): Promise<void> {
  const checkpointEvery = Number(seconds);
  if (!(checkpointEvery >= 0)) {
    throw new SurmiseError(`--checkpoint-every is ${seconds}: it must be a number of seconds`);
  }
  const interrupt = onInterrupt();
  const download = downloadDisplay();
  let display: RunDisplay | undefined;
  const outcome = await work({
    build: buildModel,
    checkpointEvery,
    signal: interrupt.signal,
    load: { onProgress: download.onProgress },
    onReady: ({ config, data, loop }) => {
      download.stop();
      if (!json) say(`${config.model} on ${data.name}, ${config.latents} latents, into ${folder}`);
      display = runDisplay(config.steps, loop.step);
    },
    onEvent: (event) => display?.onEvent(event),
  }).finally(() => {
    display?.stop();
    download.stop();
    interrupt.stop();
  });
  if (outcome.kind === "finished") say(json ? JSON.stringify(outcome.result) : summary(outcome));
  else {
    process.stderr.write(
      `stopped after step ${outcome.step}; to go on: ${CALLED} fit --resume ${folder}\n`,
    );
    process.exitCode = EXIT.interrupted;
  }
}

/** The table, some generated images, and where the files are. */
function summary({ config, result, run, pictures }: Outcome & { kind: "finished" }): string {
  const { metrics, speed, files } = result;
  const parts = [metricsTable(metrics, speed.samplesPerSecond, config.nllDraws)];
  if (run !== undefined && pictures !== undefined) {
    parts.push(picturesText(pictures.samples.slice(0, 10), run.data.test, 5));
  }
  parts.push(`weights ${files.weights}\nreport  ${files.report}`);
  return `\n${parts.join("\n\n")}`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** `surmise-runs/NAME-1`, or the first number that is free. */
function freeFolder(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, "-");
  for (let number = 1; ; number++) {
    const folder = join("surmise-runs", `${plain}-${number}`);
    if (!existsSync(folder)) return folder;
  }
}
