/** Rows of the table of methods, kept in a folder: one line of JSON for each method on each model. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "./measure.ts";

/** Numbers that JSON has not. */
const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
};

const fileIn = (folder: string) => join(folder, "rows.jsonl");

/** The rows that a folder holds; of a method on a model, the last. */
export function readRows(folder: string): Row[] {
  const file = fileIn(folder);
  if (!existsSync(file)) return [];
  const rows = new Map<string, Row>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (!line.endsWith("}")) continue;
    const row: Row = JSON.parse(line, (_, x) => WORDS[x] ?? x);
    rows.set(`${row.model}\n${row.method}`, row);
  }
  return [...rows.values()];
}

/** Adds a row to a folder, which is made if it is not there. */
export function addRow(folder: string, row: Row): void {
  mkdirSync(folder, { recursive: true });
  const line = JSON.stringify(row, (_, x) => {
    return typeof x === "number" && !Number.isFinite(x) ? String(x) : x;
  });
  appendFileSync(fileIn(folder), `${line}\n`);
}
