/** `surmise fit`: a model file on a table, or a known model of images, in a folder. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { cannotWrite, drive, makeFolder, type Run, readRun } from "../../runs/index.ts";
import { SurmiseError, wholeNumber } from "../../tensor/internal.ts";
import { COMMAND_NAME } from "../commandName.ts";
import { EXIT } from "../errors.ts";
import { beQuiet } from "../modelFile/slow.ts";
import { MODELS } from "../models.ts";
import { addSettings, givenSettings, methodsHelp, numberIn, optionName } from "../options.ts";
import { rowOfKind, rowOfModel } from "../problems.ts";
import { type Attention, runWithDisplay } from "../runWithDisplay.ts";

/** Where folders go that are not named. */
const RUNS = "surmise-runs";

interface FitFlags {
  readonly out?: string;
  readonly resume?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly checkpointEvery: string;
  readonly cores?: string;
}

/** The command, with an option for each setting. */
export function fitCommand(): Command {
  const models = Object.entries(MODELS).map(([name, { description }]) => `${name}: ${description}`);
  const command = new Command("fit")
    .summary("fit a model to data, or go on with an interrupted fit")
    .description(
      "fit a model in a folder of its own, or go on in one; --resume of a finished fit shows its result again",
    )
    .argument("[model]", `a TypeScript file that exports a model, or ${models.join("; ")}`);
  return addSettings(command)
    .option("--out <folder>", "folder of the run (default: a new one in surmise-runs)")
    .option("--resume <folder>", "go on with an interrupted run, with the settings it has")
    .option("--force", "resume a run that another build of surmise began")
    .option(
      "--checkpoint-every <seconds>",
      "seconds between two checkpoints; more where they take more than a tenth of the time",
      "5",
    )
    .option(
      "--cores <n>",
      "threads that advance chains, or share the work of a step; results are the same (default: all, at most 8)",
    )
    .option("--json", "print one line of JSON and nothing else on standard output")
    .option("--quiet", "tell warnings and errors only; with --json the line of JSON too")
    .addHelpText("after", methodsHelp)
    .action(fit);
}

/** Fits in a new folder, or goes on in one; says how it ended and sets the exit code. */
async function fit(model: string | undefined, flags: FitFlags & Record<string, unknown>) {
  const { out, resume, json = false, quiet = false, force = false } = flags;
  // The file of the model is read before anything is shown.
  beQuiet(quiet);
  const checkpointEvery = numberIn(flags.checkpointEvery);
  if (typeof checkpointEvery === "string" || checkpointEvery < 0) {
    throw new SurmiseError(
      `--checkpoint-every is ${flags.checkpointEvery}: it must be a number of seconds`,
    );
  }
  if (flags.cores !== undefined) {
    const cores = numberIn(flags.cores);
    wholeNumber("--cores", cores, { least: 1, most: 64 });
    process.env.SURMISE_THREADS = String(cores);
  }
  if (resume !== undefined && out !== undefined && out !== resume) {
    throw new SurmiseError(`--resume ${resume} and --out ${out}: a run has one folder, give one`);
  }
  const settings = { ...givenSettings(flags), ...(model === undefined ? {} : { model }) };
  const begun = resume === undefined ? undefined : await readRun(resume);
  const row = begun === undefined ? rowOfModel(model) : rowOfKind(begun.kind);
  if (row === undefined) {
    throw new SurmiseError(
      `'${resume}' holds a run of kind '${begun?.kind}', which fit knows not of`,
    );
  }
  const { problem } = row;
  const given = row.prepare(settings);
  const asked = begun?.config ?? (await problem.complete?.(given, optionName)) ?? given;
  const config = problem.configure(asked, optionName);
  let folder = resume ?? out ?? "";
  let run: Run<unknown> | undefined;
  const work = async ({ signal, onProgress, onEvent, show }: Attention) => {
    let title = "";
    return drive({
      folder: resume ?? out ?? (() => newFolder(problem.folderName(config))),
      ...{ kind: problem.kind, config, given: begun && given, nameOf: optionName },
      ...{ mode: begun ? "resume" : "new", force, trustFinished: true },
      ...{ checkpointEvery, signal, onEvent },
      load: async () => {
        const loaded = await problem.load(config, { onProgress });
        title = loaded.title;
        return loaded;
      },
      onReady: (ready, made) => {
        run = ready;
        folder = made;
        if (!json && !quiet) process.stdout.write(`${title}, into ${folder}\n`);
        const { steps, algorithm } = ready.task;
        const objective = "objective" in algorithm ? algorithm.objective : undefined;
        show(steps, ready.loop.step, undefined, objective);
      },
    });
  };
  const outcome = await runWithDisplay(work, { quiet });
  if (outcome.kind === "interrupted") {
    process.stderr.write(
      `stopped after step ${outcome.step}; to go on: ${COMMAND_NAME} fit --resume ${folder}\n`,
    );
    process.exitCode = EXIT.interrupted;
    return;
  }
  if (quiet && !json) return;
  const { result } = outcome;
  const files = problem.files(folder, config);
  const text = json
    ? JSON.stringify({ ...(result as object), files })
    : `\n${row.formatResult({ config, result, files, task: run?.task })}`;
  process.stdout.write(`${text}\n`);
}

/** Makes `RUNS/NAME-1`, or with the first number that no other process took, and returns its path. */
async function newFolder(name: string): Promise<string> {
  const plain = name.replace(/[^\w.-]+/g, "-");
  await makeFolder(RUNS);
  for (let number = 1; ; number++) {
    const folder = join(RUNS, `${plain}-${number}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cannotWrite(folder, cause);
    }
  }
}
