/** The records of a run: metrics.jsonl in its folder. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { appendFile, open, readFile } from "node:fs/promises";
import { openSealedJson, sealedJson } from "../../runtime/internal.ts";
import { listed } from "../../tensor/internal.ts";
import { cannotWrite, writeWhole } from "../files.ts";
import type { StepRecord } from "../task.ts";
import { exists, runFiles } from "./paths.ts";

const LINE_FEED = 10;
/** Appends to a file itself, never to what a symbolic link of its name points at. */
const APPEND_NO_LINK =
  constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);
/** More lines than this are not named. */
const MOST_LISTED = 8;

/** The records of a run, or those up to its checkpoint. */
export interface Curve<Line extends StepRecord> {
  /** In order. */
  readonly records: Line[];
  /** If some could not be read: the file, and which of its lines. */
  readonly damage?: string;
}

/** Appends a line to metrics.jsonl, sealed by a checksum. */
export async function appendRecord(folder: string, record: StepRecord): Promise<void> {
  const path = runFiles(folder).metrics;
  const line = sealedJson(record, { createHash });
  await appendFile(path, line, { flag: APPEND_NO_LINK }).catch((cause) => {
    throw cannotWrite(path, cause);
  });
}

/** The first `lines` records, as many as the checkpoint says that there are, without those that are damaged. */
export async function readRecords<Line extends StepRecord>(
  folder: string,
  lines: number,
): Promise<Curve<Line>> {
  const path = runFiles(folder).metrics;
  const bytes = (await exists(path)) ? await readFile(path) : new Uint8Array();
  return curveOf(path, linesOf(bytes).slice(0, lines), lines);
}

function curveOf<Line extends StepRecord>(
  path: string,
  written: readonly Uint8Array[],
  lines = written.length,
): Curve<Line> {
  const found = written.map((line) => openSealedJson(line, { createHash }) as Line | undefined);
  const damaged = Array.from({ length: lines }, (_, i) => i + 1).filter((i) => !found[i - 1]);
  return {
    records: found.filter((record) => record !== undefined),
    ...(damaged.length > 0 && {
      damage: `'${path}': damaged or missing: ${describeLines(damaged)}`,
    }),
  };
}

/** All records that can be read, those after the last checkpoint among them: how far a run is. */
export async function readCurve<Line extends StepRecord>(folder: string): Promise<Curve<Line>> {
  const path = runFiles(folder).metrics;
  return curveOf(path, linesOf((await exists(path)) ? await readFile(path) : new Uint8Array()));
}

/** What is said of a damaged curve. */
export function lostRecords(damage: string): string {
  return `${damage}; the run goes on from its checkpoint, with a curve that lacks them`;
}

/** "line 3", "lines 1, 2, 3 and 40 more". */
function describeLines(lines: readonly number[]): string {
  return `line${lines.length > 1 ? "s" : ""} ${listed(lines, MOST_LISTED)}`;
}

/** Cuts off what stands behind the first `records`, as they were written. */
export async function keepRecords(folder: string, records: readonly StepRecord[]): Promise<void> {
  const lines = records.map((record) => sealedJson(record, { createHash }));
  await writeWhole(runFiles(folder).metrics, Buffer.concat(lines));
}

/** What was appended goes to the disk. */
export async function syncRecords(folder: string): Promise<void> {
  const path = runFiles(folder).metrics;
  if (!(await exists(path))) return;
  const file = await open(path, "r+");
  await file.sync();
  await file.close();
}

/** The lines of a file, each with the line feed at its end. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, from);
    const to = end < 0 ? bytes.length : end + 1;
    lines.push(bytes.subarray(from, to));
    from = to;
  }
  return lines;
}
