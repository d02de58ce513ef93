/** `npm run fuzz -- --graphs 100000 --seed 1`: both printers against the oracle, for a while. */
import { parseArgs } from "node:util";
import { native } from "../../src/runtime/native/executable.ts";
import { fuzz, type Report } from "./fuzz.ts";
import { settings } from "./settings.ts";
import { type Pieces, THREADS } from "./subject.ts";

const { values } = parseArgs({
  options: {
    graphs: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
  },
});
const graphs = Number(values.graphs);
const seed = Number(values.seed);
const start = performance.now();
const here = native();
if (typeof here === "string") console.log(`WebAssembly alone: ${here}`);
const { wasm, native: inC, subjects } = settings(typeof here === "string" ? undefined : here);

const rate = (r: Report) => {
  const seconds = (performance.now() - start) / 1000;
  return `${(r.graphs / seconds).toFixed(0)}/s`;
};
let told = 0;
const report = await fuzz({
  graphs,
  seed,
  subjects,
  progress: (r) => {
    process.stderr.write(`\r${r.graphs} of ${graphs} graphs, ${rate(r)}, ${r.differ} differ `);
    for (; told < r.failures.length; told++) console.log(`\n${r.failures[told]}`);
  },
});
process.stderr.write("\n");
console.log(summary(report));
process.exitCode = report.differ > 0 ? 1 : 0;

function summary(r: Report): string {
  const total = r.judged + r.unsure;
  return [
    `graphs ${r.graphs} (${rate(r)}): agree ${r.agree}, skipped ${r.skipped}, differ ${r.differ}`,
    `elements ${total}: within their bound of a kink ${share(r.unsure, total)}`,
    "",
    `graphs by printer; each on ${THREADS.join(", ")} threads with the same bits`,
    table([...r.subjects]),
    `pieces done by helpers: WebAssembly ${helped([wasm.pieces])}, C ${helped(inC.map((c) => c.pieces))}`,
    "",
    "operations",
    table([...r.operations].sort((a, b) => b[1] - a[1])),
    "",
    "condition numbers (bound / unit roundoff of the value), by power of ten",
    table([...r.conditionNumbers].sort((a, b) => a[0] - b[0]).map(([d, n]) => [`1e${d}`, n])),
  ].join("\n");
}

function helped(pieces: readonly Pieces[]): string {
  const sum = (of: keyof Pieces) => pieces.reduce((n, p) => n + p[of], 0);
  return `${share(sum("helped"), sum("all"))} of ${sum("all")}`;
}

function share(n: number, of: number): string {
  return `${((100 * n) / Math.max(of, 1)).toFixed(2)}%`;
}

function table(rows: readonly (readonly [string, number])[]): string {
  const total = rows.reduce((sum, [, n]) => sum + n, 0);
  return rows
    .map(([name, n]) => {
      const part = ((100 * n) / total).toFixed(3).padStart(7);
      return `  ${name.padEnd(26)} ${String(n).padStart(10)} ${part}%`;
    })
    .join("\n");
}
