/**
 * The folder of a run:
 *
 *     run.json                 what is run, and by what; written once, before the first step
 *     metrics.jsonl            one line per record
 *     checkpoint.safetensors   everything needed to go on
 *     weights.safetensors      the trained parameters      (these three when the run is finished)
 *     report.html              figures
 *     result.json              the final numbers; its presence says that the run is finished
 */
import { appendFile, open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ProgramState } from "../inference/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { type Build, describeBuild, sameBuild } from "./build.ts";
import { cannotWrite, makeFolder, writeWhole } from "./files.ts";
import { readTensors, writeTensors } from "./safetensors.ts";
import { configHash } from "./settings.ts";

/** The files of a run in `folder`, by what they hold. */
export function runFiles(folder: string) {
  return {
    run: join(folder, "run.json"),
    metrics: join(folder, "metrics.jsonl"),
    checkpoint: join(folder, "checkpoint.safetensors"),
    weights: join(folder, "weights.safetensors"),
    report: join(folder, "report.html"),
    result: join(folder, "result.json"),
  };
}

/** What is run, and by what. */
export interface RunDescription {
  /** Which settings they are: those of a model of images, of a model file, or of a cell of an experiment. */
  readonly kind: "images" | "model" | "cell";
  readonly config: object;
  readonly build: Build;
  /** A fingerprint of what is trained on. */
  readonly data: string;
}

/** What each line of metrics.jsonl has. */
export interface StepRecord {
  /** Steps done. */
  readonly step: number;
}

/** One line of metrics.jsonl of a run on images. */
export interface MetricsRecord extends StepRecord {
  /** Images seen, each as often as it was. */
  readonly images: number;
  /** Mean over the steps since the record before, in nats per image. */
  readonly train: { readonly bound: number };
  /** On the first test images, at some of the records. */
  readonly test?: { readonly bound: number };
}

/** A run that has not come to its end. */
export interface Checkpoint {
  readonly state: ProgramState;
  /** Time that training took so far. */
  readonly seconds: number;
}

/**
 * Makes the folder of a new run.
 *
 * @throws SurmiseError if nothing can be written into it, or it holds a run already.
 */
export async function prepareFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  if (await exists(runFiles(folder).run)) {
    throw new SurmiseError(
      `'${folder}' holds a run already: resume it, or choose another folder for a new one`,
    );
  }
}

export async function writeRun(folder: string, run: RunDescription): Promise<void> {
  const text = { format: "surmise run 1", configHash: configHash(run.config), ...run };
  await writeWhole(runFiles(folder).run, `${JSON.stringify(text, null, 2)}\n`);
}

/** @throws SurmiseError if the folder holds no run, or its description cannot be read. */
export async function readRun(folder: string): Promise<RunDescription> {
  const path = runFiles(folder).run;
  if (!(await exists(path))) {
    throw new SurmiseError(`there is no run to resume in '${folder}': it has no run.json`);
  }
  return (await readJson(path)) as RunDescription;
}

/**
 * Checks that the settings given now are those of the run in the folder.
 *
 * @throws SurmiseError naming each difference with both values.
 */
export function checkSettings(
  folder: string,
  run: RunDescription,
  given: object,
  nameOf: (setting: string) => string = (setting) => setting,
): void {
  const there = run.config as Readonly<Record<string, unknown>>;
  const differences = Object.entries(given)
    .filter(([name, value]) => there[name] !== value)
    .map(
      ([name, value]) => `${nameOf(name)} is ${there[name] ?? "not set"} there and ${value} here`,
    );
  if (differences.length === 0) return;
  throw new SurmiseError(
    `'${folder}' holds a run of another configuration: ${differences.join("; ")}`,
  );
}

/**
 * Checks that the run in the folder would go on to the bits it would have had.
 *
 * @throws SurmiseError if it was begun by another build.
 */
export function checkBuild(folder: string, { build }: RunDescription, here: Build): void {
  if (sameBuild(build, here)) return;
  throw new SurmiseError(
    `'${folder}' was begun by ${describeBuild(build)}, this is ${describeBuild(here)}: the run would ` +
      "not go on to the same bits; force it, set SURMISE_BACKEND to what it was, or begin a new run",
  );
}

export async function writeCheckpoint(
  folder: string,
  config: object,
  { state, seconds }: Checkpoint,
): Promise<void> {
  await syncFile(runFiles(folder).metrics);
  await writeTensors(runFiles(folder).checkpoint, {
    tensors: state,
    metadata: { format: "surmise checkpoint 1", config: configHash(config), seconds: `${seconds}` },
  });
}

/**
 * The checkpoint, or undefined if there is none yet.
 *
 * @throws SurmiseError if it is damaged or belongs to another configuration.
 */
export async function readCheckpoint(
  folder: string,
  config: object,
): Promise<Checkpoint | undefined> {
  const path = runFiles(folder).checkpoint;
  if (!(await exists(path))) return undefined;
  const { tensors, metadata } = await readTensors(path);
  if (metadata.config !== configHash(config) || tensors["#step"] === undefined) {
    throw new SurmiseError(`'${path}' is no checkpoint of the run that run.json describes`);
  }
  return { state: tensors, seconds: Number(metadata.seconds) };
}

export async function appendRecord(folder: string, record: StepRecord): Promise<void> {
  const path = runFiles(folder).metrics;
  await appendFile(path, `${JSON.stringify(record)}\n`).catch((cause) => {
    throw cannotWrite(path, cause);
  });
}

/** The records up to `step`; half a line at the end of the file is none. */
export async function readRecords<Record extends StepRecord>(
  folder: string,
  step: number,
): Promise<Record[]> {
  const path = runFiles(folder).metrics;
  if (!(await exists(path))) return [];
  const lines = (await readFile(path, "utf8")).split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record).filter((record) => record.step <= step);
}

/** Cuts off what stands behind the first `records`, as they were written. */
export async function keepRecords(folder: string, records: readonly StepRecord[]): Promise<void> {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
  await writeWhole(runFiles(folder).metrics, text);
}

/** Writes the final numbers, last of all. */
export async function writeResult(folder: string, result: unknown): Promise<void> {
  await writeWhole(runFiles(folder).result, `${JSON.stringify(result, null, 2)}\n`);
}

/** The final numbers, or undefined if the run is not finished. */
export async function readResult(folder: string): Promise<unknown> {
  const path = runFiles(folder).result;
  return (await exists(path)) ? readJson(path) : undefined;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new SurmiseError(`cannot read '${path}' (${(cause as Error).message})`, { cause });
  }
}

/** What was appended to a file goes to the disk, if there is such a file. */
async function syncFile(path: string): Promise<void> {
  if (!(await exists(path))) return;
  const file = await open(path, "r+");
  await file.sync();
  await file.close();
}
