/** `surmise compare`: finished fits of the same data, by how well they predict observations that are left out. */
import { resolve } from "node:path";
import { Command } from "commander";
import { compareElpd, type ElpdComparison } from "../../inference/index.ts";
import { type LooTable, readLoo } from "../../problems/index.ts";
import { SurmiseError } from "../../tensor/internal.ts";
import { warn } from "../terminal/output.ts";
import { printTable } from "../terminal/table.ts";

/** The command. */
export function compareCommand(): Command {
  return new Command("compare")
    .summary("compare fits of the same data by leave-one-out")
    .description(
      "compare fits of the same data, made with --predict, by leave-one-out: expected log predictive densities (elpd), " +
        "their differences and standard errors",
    )
    .argument("<runs...>", "folders of finished fits, two or more")
    .option("--json", "print one line of JSON and nothing else on standard output")
    .action(compare);
}

interface Comparison extends ElpdComparison {
  /** Observations whose k-hat is above the limit. */
  readonly above: number;
}

/** Compares, and prints what was found. */
async function compare(folders: readonly string[], { json }: { readonly json?: boolean }) {
  const byPath = new Map(folders.map((folder) => [resolve(folder), folder]));
  const named = [...byPath.values()];
  if (named.length < 2) throw new SurmiseError("compare: give the folders of two fits or more");
  const tables = await Promise.all(named.map(readLoo));
  const [first, ...others] = tables;
  for (const [i, table] of others.entries()) checkSame(named[0], first, named[i + 1], table);
  const byName = Object.fromEntries(
    named.map((name, i) => [name, { pointwise: matched(first, tables[i]) }]),
  );
  const rows: Comparison[] = compareElpd(byName).map((row) => ({
    ...row,
    above: tables[named.indexOf(row.name)].above,
  }));
  const warnings = warningsOf(rows, first.elpd.length);
  for (const message of warnings) warn(message);
  const text = json
    ? JSON.stringify({ observations: first.elpd.length, models: rows, warnings })
    : formatted(rows);
  process.stdout.write(`${text}\n`);
}

function formatted(rows: readonly Comparison[]): string {
  const two = (x: number) => x.toFixed(2);
  return printTable(
    ["", "elpd", "± se", "difference", "± se", "k-hat too large"],
    rows.map(({ name, elpd, standardError, difference, differenceError, above }, i) => [
      ...[name, two(elpd), two(standardError)],
      ...(i === 0 ? ["", ""] : [two(difference), two(differenceError)]),
      above,
    ]),
  );
}

/**
 * Differences below SMALL nats are no reason to choose, and standard errors from fewer than FEW observations are too small
 * (Sivula, Magnusson, Matamoros and Vehtari, arXiv 2008.10296).
 */
const [SMALL, FEW] = [4, 100];

function warningsOf(rows: readonly Comparison[], observations: number): string[] {
  const [best, second] = rows;
  const bad = rows.filter(({ above }) => above > 0);
  const isClose = second.difference > -SMALL || -second.difference < 2 * second.differenceError;
  return [
    ...(bad.length === 0
      ? []
      : [
          `k-hat is above its limit for observations of ${bad.map(({ name }) => `'${name}'`).join(", ")}: their elpd is too ` +
            "uncertain to choose by; see the loo.parquet of the run for which they are",
        ]),
    ...(isClose
      ? [
          `'${best.name}' and '${second.name}' predict about equally well: a difference of less than ${SMALL} nats, or of less than ` +
            "two standard errors, is no reason to prefer one",
        ]
      : []),
    ...(observations < FEW
      ? [`with ${observations} observations, fewer than ${FEW}, standard errors are too small`]
      : []),
  ];
}

/** The elpds of `table` in the order of `first`. */
function matched(first: LooTable, table: LooTable): Float64Array {
  const places = new Map(table.names.map((name, i) => [name, i]));
  const known = first.names.map((name) => places.get(name));
  // Sites of other names, with the same data in the same order.
  return first.names.length === new Set(known).size && !known.includes(undefined)
    ? Float64Array.from(known, (at) => table.elpd[at as number])
    : table.elpd;
}

/** @throws SurmiseError if the observations are not the same. */
function checkSame(one: string, a: LooTable, other: string, b: LooTable): void {
  const refuse = (what: string): never => {
    throw new SurmiseError(
      `'${one}' and '${other}' ${what}: elpds can be compared of the same observations in the same units only`,
    );
  };
  if (a.elpd.length !== b.elpd.length) {
    refuse(`have ${a.elpd.length} and ${b.elpd.length} observations`);
  }
  const data = matched({ ...b, elpd: b.data }, { ...a, elpd: a.data });
  const at = data.findIndex(
    (x, i) => x !== b.data[i] && !(Number.isNaN(x) && Number.isNaN(b.data[i])),
  );
  if (at >= 0)
    refuse(`differ in the data (${b.names[at]} is ${data[at]} there and ${b.data[at]} here)`);
}
