/**
 * The folder of a run:
 *
 *     run.json                 what is run, and by what; written once, before the first step
 *     metrics.jsonl            one line per record
 *     checkpoint.safetensors   everything needed to go on
 *     weights.safetensors      the trained parameters      (these three when the run is finished)
 *     report.html              figures
 *     result.json              the final numbers; its presence says that the run is finished
 *     .lock                    which process works here, while one does (`lock.ts`)
 *
 * All but the report and the lock have a checksum inside (`runtime/checksum.ts`), each line of metrics.jsonl its own.
 * Other files that a run leaves, such as its draws, have theirs in result.json.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type ProgramState, STEP } from "../../inference/internal.ts";
import { openSealedJson, sealedJson } from "../../runtime/internal.ts";
import { checkArguments, OBJECT, objectWith, SurmiseError, TEXT } from "../../tensor/internal.ts";
import { type Build, describeBuild, sameBuild } from "../build.ts";
import { writeWhole } from "../files.ts";
import { configHash } from "../settings.ts";
import type { Sources, StepRecord } from "../task.ts";
import { readTensors, writeTensors } from "../weights/safetensors.ts";
import { exists, runFiles } from "./paths.ts";
import { syncRecords } from "./records.ts";

/** What is run, and by what. */
export interface RunDescription {
  /** Whose settings they are: those of a kind of problem, or of a cell of an experiment. */
  readonly kind: string;
  /** All settings. */
  readonly config: object;
  /** The software that it was begun with. */
  readonly build: Build;
  /** What it was made from. */
  readonly sources: Sources;
}

/** A run that has not come to its end. */
export interface Checkpoint {
  /** All inputs of the program, and the step. */
  readonly state: ProgramState;
  /** The same at the best record so far, where a task looks for it. */
  readonly best?: ProgramState;
  /** Time that training took so far. */
  readonly seconds: number;
}

/**
 * Checks that the folder of a new run holds nothing that the run would write over.
 *
 * @throws SurmiseError if it holds a run already, or other files; hidden ones do not count.
 */
export async function checkNewFolder(folder: string): Promise<void> {
  if (await exists(runFiles(folder).run)) {
    throw new SurmiseError(
      `'${folder}' holds a run already: resume it, or choose another folder for a new one`,
    );
  }
  const files = (await readdir(folder)).filter((name) => !name.startsWith("."));
  if (files.length === 0) return;
  throw new SurmiseError(
    `'${folder}' holds '${files[0]}' and no run: choose a folder that is empty or not there yet`,
  );
}

/** Writes run.json, sealed by a checksum. */
export async function writeRun(folder: string, run: RunDescription): Promise<void> {
  const text = { format: "surmise run 1", configHash: configHash(run.config), ...run };
  await writeWhole(runFiles(folder).run, sealedJson(text, { createHash }, 2));
}

/** @throws SurmiseError if the folder holds no run, or its description is damaged. */
export async function readRun(folder: string): Promise<RunDescription> {
  checkArguments("readRun", { folder }, TEXT);
  const path = runFiles(folder).run;
  if (!(await exists(path))) {
    throw new SurmiseError(`there is no run in '${folder}': it has no run.json`);
  }
  return (await readJson(path, "begin a new run in another folder")) as RunDescription;
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

/**
 * Checks that the run in the folder was made from what there is now.
 *
 * @throws SurmiseError naming what has changed since, is new or is no longer there.
 */
export function checkSources(folder: string, run: RunDescription, here: Sources): void {
  checkArguments("checkSources", { folder }, TEXT);
  checkArguments("checkSources", { run }, objectWith({ sources: OBJECT }));
  checkArguments("checkSources", { here }, OBJECT);
  const { sources } = run;
  const before = Object.keys(sources);
  const changes = {
    changed: before.filter((name) => name in here && here[name] !== sources[name]),
    "not there any more": before.filter((name) => !(name in here)),
    new: Object.keys(here).filter((name) => !(name in sources)),
  };
  const told = Object.entries(changes).flatMap(([how, names]) =>
    names.length === 0 ? [] : [`${how}: ${names.join(", ")}`],
  );
  if (told.length === 0) return;
  throw new SurmiseError(
    `'${folder}' was not begun with what is here now (${told.join("; ")}): put back what was there, or begin a ` +
      "new run",
  );
}

/** Before the names of the state at the best record, in the file of a checkpoint. */
const BEST = "#best ";
const STEP_OF_BEST = `${BEST}${STEP}`;

function renamed(state: ProgramState, name: (before: string) => string): ProgramState {
  return Object.fromEntries(Object.entries(state).map(([before, x]) => [name(before), x]));
}

/** Keeps a state, and how many lines metrics.jsonl has up to there. */
export async function writeCheckpoint(
  folder: string,
  config: object,
  { state, best, seconds }: Checkpoint,
  records: readonly StepRecord[],
): Promise<void> {
  await syncRecords(folder);
  await writeTensors(runFiles(folder).checkpoint, {
    tensors: { ...state, ...renamed(best ?? {}, (name) => `${BEST}${name}`) },
    metadata: {
      format: "surmise checkpoint 1",
      config: configHash(config),
      seconds: `${seconds}`,
      records: `${records.filter(({ step }) => step <= stepOf(state)).length}`,
    },
  });
}

/** Steps that were made up to `state`. */
export function stepOf(state: ProgramState): number {
  return state[STEP].data[0];
}

/**
 * The checkpoint, or undefined if there is none yet.
 *
 * @throws SurmiseError if it is damaged or belongs to another configuration.
 */
export async function readCheckpoint(
  folder: string,
  config: object,
): Promise<(Checkpoint & { readonly lines: number }) | undefined> {
  const path = runFiles(folder).checkpoint;
  if (!(await exists(path))) return undefined;
  const { tensors, metadata } = await readTensors(path).catch((cause: Error) => {
    throw new SurmiseError(
      `${cause.message}; remove it to begin at the first step again, or begin a new run`,
      { cause },
    );
  });
  if (metadata.config !== configHash(config) || tensors[STEP] === undefined) {
    throw new SurmiseError(`'${path}' is no checkpoint of the run that run.json describes`);
  }
  const isBest = (name: string) => name.startsWith(BEST);
  const [best, state] = [isBest, (name: string) => !isBest(name)].map((belongs) =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => belongs(name))),
  );
  return {
    state,
    ...(STEP_OF_BEST in best && { best: renamed(best, (name) => name.slice(BEST.length)) }),
    seconds: Number(metadata.seconds),
    lines: Number(metadata.records),
  };
}

/** What result.json holds. */
export interface SealedResult {
  /** The final numbers. */
  readonly result: object;
  /** Of the other files that the run has left, by name. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** Writes the final numbers, last of all, and the checksums of the other files that the run has left. */
export async function writeResult(folder: string, result: object): Promise<void> {
  const own = new Set(Object.values(runFiles(folder)).map((path) => basename(path)));
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith(".") && !own.has(entry.name))
    .map(({ name }) => name)
    .sort();
  const checksums: Record<string, string> = Object.create(null);
  for (const name of names) checksums[name] = await checksumOf(join(folder, name));
  const content = { ...result, checksums };
  await writeWhole(runFiles(folder).result, sealedJson(content, { createHash }, 2));
}

/**
 * The final numbers, or undefined if the run is not finished.
 *
 * @throws SurmiseError if they are damaged.
 */
export async function readResult(folder: string): Promise<object | undefined> {
  return (await readSealed(folder))?.result;
}

/** As `readResult`, with the checksums of the other files. */
export async function readSealed(folder: string): Promise<SealedResult | undefined> {
  checkArguments("readSealed", { folder }, TEXT);
  const path = runFiles(folder).result;
  if (!(await exists(path))) return undefined;
  const found = await readJson(path, "remove it, and resume the run to have it made again");
  const { checksums = {}, ...result } = found as Partial<Pick<SealedResult, "checksums">>;
  return { result, checksums };
}

/**
 * The path of a file that a finished run has left in its folder, whose bytes are those that it has written; undefined if it
 * has left none.
 *
 * @param sealed what result.json holds; read unless given
 * @throws SurmiseError if the file has changed since.
 */
export async function outputOf(
  folder: string,
  name: string,
  sealed?: SealedResult,
): Promise<string | undefined> {
  const { checksums } = sealed ?? (await readSealed(folder)) ?? {};
  const path = join(folder, name);
  const written = checksums?.[name];
  if (written === undefined || !(await exists(path))) return undefined;
  if ((await checksumOf(path)) === written) return path;
  throw new SurmiseError(
    `'${path}' is damaged or was changed: it does not have the checksum that it was written with; remove result.json, and ` +
      "resume the run to have both made again",
  );
}

/** The first 16 hexadecimal digits of the SHA-256 of a file. */
async function checksumOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex").slice(0, 16);
}

/** @throws SurmiseError with `whatToDo` if the file cannot be read or is not as it was written. */
async function readJson(path: string, whatToDo: string): Promise<unknown> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new SurmiseError(`cannot read '${path}' (${cause.message})`, { cause });
  });
  const found = openSealedJson(bytes, { createHash });
  if (found !== undefined) return found;
  throw new SurmiseError(
    `'${path}' is damaged or was changed: it does not have the checksum that it was written with; ${whatToDo}`,
  );
}
