/** `surmise fit`: trains a model of images with any settings, in a folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { type ImageRun, imageConfig, type Outcome, resumeRun, startRun } from "../runs/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { downloadDisplay, runDisplay } from "./display.ts";
import { EXIT } from "./errors.ts";
import { onInterrupt } from "./interrupt.ts";
import { MODELS, modelNamed } from "./models.ts";
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
  const { json = false, out, resume, force = false } = options;
  const checkpointEvery = Number(options.checkpointEvery);
  if (!(checkpointEvery >= 0)) {
    throw new SurmiseError(
      `--checkpoint-every is ${options.checkpointEvery}: it must be a number of seconds`,
    );
  }
  const given = { ...givenSettings(options), ...(model === undefined ? {} : { model }) };
  if (resume !== undefined && out !== undefined && resume !== out) {
    throw new SurmiseError(`--resume ${resume} and --out ${out}: a run has one folder, give one`);
  }
  const build = modelNamed(model ?? "vae");
  const interrupt = onInterrupt();
  const download = downloadDisplay();
  let display: ReturnType<typeof runDisplay> | undefined;
  const say = (text: string) => (json ? undefined : process.stdout.write(`${text}\n`));
  const common = {
    build,
    checkpointEvery,
    signal: interrupt.signal,
    load: { onProgress: download.onProgress },
    onReady: (run: ImageRun) => {
      download.stop();
      const { config, loop } = run;
      say(`${config.model} on ${run.data.name}, ${config.latents} latents, into ${folder}`);
      display = runDisplay(config.steps, loop.step);
    },
    onEvent: (event: Parameters<ReturnType<typeof runDisplay>["onEvent"]>[0]) =>
      display?.onEvent(event),
  };
  let folder = resume ?? out ?? "";
  let outcome: Outcome;
  try {
    if (resume !== undefined) {
      outcome = await resumeRun({ ...common, folder, given, force, nameOf: optionName });
    } else {
      const config = imageConfig(given, optionName);
      folder = out ?? freeFolder(`${config.model}-${config.data}`);
      outcome = await startRun(config, { ...common, folder });
    }
  } finally {
    display?.stop();
    download.stop();
    interrupt.stop();
  }
  if (outcome.kind === "interrupted") {
    process.stderr.write(
      `stopped after step ${outcome.step}; to go on: surmise fit --resume ${folder}\n`,
    );
    process.exitCode = EXIT.interrupted;
  } else if (json) process.stdout.write(`${JSON.stringify(outcome.result)}\n`);
  else show(outcome);
}

/** The table, some generated images, and where the files are. */
function show({ config, result, run, pictures }: Outcome & { kind: "finished" }): void {
  const { metrics, speed, files } = result;
  const parts = [metricsTable(metrics, speed.samplesPerSecond, config.nllDraws)];
  if (run !== undefined && pictures !== undefined) {
    parts.push(picturesText(pictures.samples.slice(0, 10), run.data.test, 10));
  }
  parts.push(`weights ${files.weights}\nreport  ${files.report}`);
  process.stdout.write(`\n${parts.join("\n\n")}\n`);
}

/** `surmise-runs/NAME-1`, or the first number that is free. */
function freeFolder(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, "-");
  for (let number = 1; ; number++) {
    const folder = join("surmise-runs", `${plain}-${number}`);
    if (!existsSync(folder)) return folder;
  }
}
