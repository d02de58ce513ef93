/** `surmise evaluate`: the weights of a run on images, judged by the likelihood of test images and by active units. */
import { Command } from "commander";
import { type ImageConfig, type ImageEvaluation, ImageTask } from "../../problems/index.ts";
import { readRun } from "../../runs/index.ts";
import { SurmiseError, wholeNumber } from "../../tensor/internal.ts";
import { COMMAND_NAME } from "../commandName.ts";
import { numberIn } from "../options.ts";
import { ROWS } from "../problems.ts";
import { runWithDisplay } from "../runWithDisplay.ts";
import { printTable } from "../terminal/table.ts";
import { finishedWeights } from "./weights.ts";

interface Flags {
  readonly draws: string;
  readonly images?: string;
  readonly json?: boolean;
}

/** The command. */
export function evaluateCommand(): Command {
  return new Command("evaluate")
    .summary("judge a run on images: likelihood of test images, active units")
    .description(
      "judge the weights of a finished run on images: minus the log likelihood of test images by importance weighting, with " +
        "its standard error, and the active units of the code, whose posterior means vary over images by more than 0.01",
    )
    .argument("<run>", "its folder")
    .option("--draws <k>", "draws for each image", "5000")
    .option("--images <n>", "test images (default: all)")
    .option("--json", "print one line of JSON and nothing else on standard output")
    .action(evaluate);
}

async function evaluate(folder: string, flags: Flags): Promise<void> {
  const draws = countOf("--draws", flags.draws);
  const images = countOf("--images", flags.images ?? String(MOST));
  const { kind, config } = await readRun(folder);
  if (kind !== "images") {
    throw new SurmiseError(
      `'${folder}' holds a run of kind '${kind}', and not of a model of images: ${COMMAND_NAME} evaluate judges weights of ` +
        "`fit vae`; a model file has its log evidence and, with --predict, its elpd in its own result",
    );
  }
  const tensors = await finishedWeights(folder);
  const begin = performance.now();
  const found = await runWithDisplay(async ({ signal, onProgress, onEvent, show }) => {
    const { open } = await ROWS.images.problem.load(config as ImageConfig, { onProgress });
    const task = open();
    if (!(task instanceof ImageTask)) throw new Error("a run on images is no ImageTask");
    show(0, 0);
    return task.evaluate(tensors, { draws, images, onEvent, signal });
  });
  const seconds = (performance.now() - begin) / 1000;
  const text = flags.json
    ? JSON.stringify({ ...found, seconds }, plain)
    : formatted(found, seconds);
  process.stdout.write(`${text}\n`);
}

/** Typed arrays as lists. */
const plain = (_: string, x: unknown) => (x instanceof Float64Array ? [...x] : x);

const MOST = 2 ** 31 - 1;

function countOf(flag: string, text: string): number {
  return wholeNumber(flag, numberIn(text), { least: 1, most: MOST });
}

function formatted(
  { elbo, nll, nllError, images, draws, units }: ImageEvaluation,
  seconds: number,
) {
  const rows = [
    ["test images", String(images)],
    ["ELBO (nats)", elbo.toFixed(2)],
    [`NLL (nats, ${draws} draws)`, `${nll.toFixed(2)} ± ${nllError.toFixed(2)}`],
    ...Object.entries(units).map(([latent, { active, variance }]) => [
      `active units of ${latent}`,
      `${active} of ${variance.length}`,
    ]),
    ["seconds", seconds.toFixed(1)],
  ];
  return printTable(["", ""], rows);
}
