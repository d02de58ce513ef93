/** `npm run fuzz -- --graphs 100000 --seed 1`: the compiler against the oracle, for a while. */
import { parseArgs } from "node:util";
import { compiled } from "./compiled.ts";
import { fuzz, type Report } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    graphs: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
  },
});
const graphs = Number(values.graphs);
const seed = Number(values.seed);
const start = performance.now();

const report = fuzz({
  graphs,
  seed,
  run: compiled(),
  progress: (r) => {
    const seconds = (performance.now() - start) / 1000;
    const rate = (r.graphs / seconds).toFixed(0);
    process.stderr.write(`\r${r.graphs} of ${graphs} graphs, ${rate}/s, ${r.differ} differ `);
  },
});
process.stderr.write("\n");
console.log(summary(report));
for (const failure of report.failures) console.log(`\n${failure}`);
process.exitCode = report.differ > 0 ? 1 : 0;

function summary(r: Report): string {
  const share = (n: number, of: number) => `${((100 * n) / of).toFixed(2)}%`;
  const total = r.judged + r.unsure;
  return [
    `graphs ${r.graphs}: agree ${r.agree}, skipped ${r.skipped}, differ ${r.differ}`,
    `elements ${total}: within their bound of a kink ${share(r.unsure, total)}`,
    "",
    "operations",
    table([...r.operations].sort((a, b) => b[1] - a[1]).map(([op, n]) => [op, n])),
    "",
    "condition numbers (bound / unit roundoff of the value), by power of ten",
    table([...r.conditionNumbers].sort((a, b) => a[0] - b[0]).map(([d, n]) => [`1e${d}`, n])),
  ].join("\n");
}

function table(rows: readonly (readonly [string, number])[]): string {
  const total = rows.reduce((sum, [, n]) => sum + n, 0);
  return rows
    .map(([name, n]) => {
      const share = ((100 * n) / total).toFixed(3).padStart(7);
      return `  ${name.padEnd(12)} ${String(n).padStart(10)} ${share}%`;
    })
    .join("\n");
}
