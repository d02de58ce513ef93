/** The result of a benchmark in a terminal. */
import { printTable } from "../../src/cli/terminal/table.ts";
import { shortNumber } from "../../src/cli/terminal/text.ts";
import type { Rates, TimedRow } from "./statistics.ts";
import type { Workload } from "./workloads/index.ts";

type Row = TimedRow & Rates;

/** A column, which is left out where it says nothing of any row. */
interface Column {
  readonly title: string;
  cell(row: Row): string | number | null;
}

const percent = (share: number | null) => share && `${Math.round(100 * share)} %`;

const COLUMNS: readonly Column[] = [
  { title: "peer", cell: ({ peer }) => peer },
  { title: "version", cell: ({ version }) => version },
  { title: "threads", cell: ({ threads }) => threads },
  { title: "ms", cell: ({ medianMs }) => medianMs },
  { title: "fastest", cell: ({ minMs }) => minMs },
  { title: "slowest", cell: ({ maxMs }) => maxMs },
  { title: "ratio", cell: ({ ratio }) => ratio },
  { title: "GFLOP/s", cell: ({ gflops }) => gflops },
  { title: "of peak", cell: ({ peakShare }) => percent(peakShare) },
  { title: "GB/s", cell: ({ gbps }) => gbps },
  { title: "of memory", cell: ({ bandwidthShare }) => percent(bandwidthShare) },
  { title: "peak MB", cell: ({ peakMB }) => peakMB && Math.round(peakMB) },
];

/** A table, and what its numbers mean. */
export function describe({ name }: Workload, rows: readonly Row[]): string {
  const shown = COLUMNS.filter(({ cell }) => rows.some((row) => cell(row) !== null));
  const cells = rows.map((row) =>
    shown.map(({ cell }) => {
      const value = cell(row) ?? "";
      return typeof value === "number" ? shortNumber(value, 3) : value;
    }),
  );
  return [
    `${name}: milliseconds a step, the median of the blocks; ratio: to ${rows[0].peer} in the same rounds`,
    "",
    printTable(
      shown.map(({ title }) => title),
      cells,
    ),
    "",
    ...rows.flatMap(buildLines),
  ].join("\n");
}

/** What is known of the build of one row, and an empty line. */
function buildLines({ peer, buildMs, build, coldBuildMs }: Row): string[] {
  if (buildMs === undefined || build === undefined || coldBuildMs === undefined) return [];
  const [trace, compile, firstStep, all, cold] = [
    ...[build.trace, build.compile, build.firstStep],
    ...[buildMs, coldBuildMs],
  ].map((ms) => `${shortNumber(ms, 3)} ms`);
  return [
    `${peer} from nothing to the first result: ${all} (trace ${trace}, compile ${compile}, first ` +
      `step ${firstStep}); with an empty cache ${cold}`,
    "",
  ];
}
