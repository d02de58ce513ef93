/** `surmise` without arguments: two autoencoders of digits, live, and a report. */
import { join } from "node:path";
import { Command } from "commander";
import type { ImageDataset } from "../../data/index.ts";
import {
  curveSection,
  type ImageConfig,
  ImageTask,
  imageConfig,
  loadImageData,
  pictureSections,
  type RunPictures,
  type RunScore,
  resultSection,
  runPictures,
  type TrainedImages,
} from "../../problems/index.ts";
import type { ReportSection } from "../../report/index.ts";
import { makeFolder, Run, writeReport } from "../../runs/index.ts";
import { SurmiseError } from "../../tensor/index.ts";
import { COMMAND_NAME } from "../commandName.ts";
import { downloadDisplay, runDisplay } from "../display.ts";
import { EXIT } from "../errors.ts";
import { leave } from "../exit.ts";
import { formatMetrics, formatPictures } from "../format.ts";
import { onInterrupt } from "../interrupt.ts";
import { buildModel } from "../models.ts";
import { numberIn } from "../options.ts";
import { type TourData, tourData } from "./tourData.ts";

/** The parts of the tour's time that its stages may take at most; reports and loading take the rest. */
const SHARES = { training: 0.4, likelihood: 0.22, manifold: 0.22 };

/** Two models: one that is good, and one that can be looked at. */
const SETTINGS = { hidden: 500, batch: 100, optimizer: "adam", seed: 1 } as const;
const GOOD = imageConfig({ ...SETTINGS, latents: 20, steps: 2500, lr: 0.001 });
const FLAT = imageConfig({ ...SETTINGS, latents: 2, steps: 2000, lr: 0.005 });

interface TourFlags {
  readonly out: string;
  readonly data?: string;
  readonly seconds: string;
}

/** The command that runs where no other is named. */
export function tourCommand(): Command {
  return new Command("tour")
    .description("train autoencoders of digits, live, and write a report; about a minute")
    .option("--out <folder>", "where the report goes", "surmise-report")
    .option("--data <name>", "mnist, digits, freyface, or a file (default: mnist or digits)")
    .option("--seconds <n>", "time for all of it, at most", "120")
    .action(tour);
}

async function tour({ out, data: wanted, seconds: given }: TourFlags): Promise<void> {
  const seconds = numberIn(given);
  if (typeof seconds === "string" || seconds <= 0)
    throw new SurmiseError(`--seconds is ${given}: it must be greater than 0`);
  await makeFolder(out);
  const interrupt = onInterrupt();
  interrupt.listen();
  try {
    const { data, note, pending } = await images(wanted);
    introduce(data, note);
    const file = await visit(data, join(out, "report.html"), seconds, interrupt.signal);
    say(
      `\nreport  ${file}`,
      `next    ${COMMAND_NAME} fit vae --data ${data.name} --latents 10 --steps 10000 --out surmise-runs/ten`,
    );
    // A download that was too slow must not keep the process.
    if (pending) process.stdout.write("", () => leave(EXIT.ok));
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write("stopped\n");
    process.exitCode = EXIT.interrupted;
  } finally {
    interrupt.stop();
  }
}

async function images(wanted: string | undefined): Promise<TourData> {
  const download = downloadDisplay();
  const load = { onProgress: download.onProgress };
  try {
    if (wanted === undefined) return await tourData(load);
    const data = await loadImageData({ data: wanted, batch: SETTINGS.batch }, load);
    return { data, pending: false };
  } finally {
    download.stop();
  }
}

/** The first picture on the screen: some of the images. */
function introduce(data: ImageDataset, note: string | undefined): void {
  const { train, test, name } = data;
  const size = train.height * train.width;
  const some = Array.from({ length: 5 }, (_, i) => train.images.subarray(i * size, (i + 1) * size));
  say(
    `surmise fits models to data. Here: ${train.count} images of ${name}, such as these.`,
    ...(note === undefined ? [] : [`(${note})`]),
    `\n${formatPictures(some, train, 5)}\n`,
    `A variational autoencoder learns to draw such images from ${GOOD.latents} numbers, without ` +
      "labels;",
    `${test.count} further images are kept to judge it by.\n`,
  );
}

/** Trains and shows both models and writes the report; returns its path. */
async function visit(
  data: ImageDataset,
  file: string,
  seconds: number,
  signal: AbortSignal,
): Promise<string> {
  const good = await train(GOOD, data, seconds * SHARES.training, signal);
  const display = runDisplay(0, 0);
  const score = await good.task
    .score(good.trained.weights, {
      onEvent: display.onEvent,
      signal,
      maxSeconds: seconds * SHARES.likelihood,
    })
    .finally(display.stop);
  const pictures = runPictures(good.trained);
  say(
    `\n${formatMetrics(score.metrics, good.trained.samplesPerSecond, GOOD.nllDraws)}`,
    "\nDigits it draws from random numbers:\n",
    `${formatPictures(pictures.samples.slice(0, 10), data.train, 5)}\n`,
    `Now one with only ${FLAT.latents} numbers per image, whose whole plane can be looked at.\n`,
  );
  const flat = await train(FLAT, data, seconds * SHARES.manifold, signal);
  await writeReport(file, await tourReport({ run: good.trained, score, pictures }, flat.trained));
  return file;
}

async function train(
  config: ImageConfig,
  data: ImageDataset,
  seconds: number,
  signal: AbortSignal,
) {
  const task = new ImageTask({ ...config, data: data.name }, data, buildModel);
  const run = new Run(task);
  const display = runDisplay(config.steps, 0, `${config.latents} latents`.padEnd(11));
  const ending = await run
    .train({ onEvent: display.onEvent, maxSeconds: seconds, signal })
    .finally(display.stop);
  signal.throwIfAborted();
  if (ending === "out of time") {
    say(
      `(stopped after ${Math.round(seconds)} s, at step ${run.loop.step}, to keep the tour short)`,
    );
  }
  return { task, trained: task.trained(run.trained()) };
}

interface Visited {
  readonly run: TrainedImages;
  readonly score: RunScore;
  readonly pictures: RunPictures;
}

async function tourReport({ run, score, pictures }: Visited, flat: TrainedImages) {
  const sections = [
    resultSection(run, score),
    await curveSection(run),
    ...pictureSections(run, pictures),
    ...pictureSections(flat, runPictures(flat)).slice(-1).map(introducePlane(flat)),
  ];
  return {
    title: "A variational autoencoder of digits",
    subtitle:
      `${run.data.train.count} images of ${run.data.name}; ${run.config.latents} latents, ` +
      `${run.config.hidden} hidden units, ${run.steps} steps of ${run.config.batch} images.`,
    sections,
    footer: `Data: ${run.data.source}. Made by surmise.`,
  };
}

/** Says which model's plane it is. */
function introducePlane({ config, steps, records }: TrainedImages) {
  const bound = records.at(-1)?.train.bound.toFixed(1);
  const text =
    `A second model, with ${config.latents} latents: after ${steps} steps its bound is ${bound} ` +
    "nats per image.";
  return (section: ReportSection): ReportSection => ({ ...section, text });
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
