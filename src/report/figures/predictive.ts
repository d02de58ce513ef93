/** Data beside data that a fitted model makes. */
import { checkArguments, listOf, NUMBERS, TEXT } from "../../tensor/internal.ts";
import { densityPoints } from "./density.ts";
import type { VegaLiteSpec } from "./drawing/chart.ts";
import { FRAME, INK, PALETTE } from "./drawing/theme.ts";

const HEIGHT = 280;

/** Whole numbers of at most so many values are counted, one by one. */
const MOST_VALUES = 30;
const NAMES = ["data", "draws"];

/**
 * The values of a site beside those of some draws (posterior predictive check): densities; of a few whole numbers, how
 * often each was observed, beside the central 90% interval and the median of that in the draws.
 *
 * @param draws each of as many values as the data
 */
export function predictiveChart(
  site: string,
  data: Float64Array,
  draws: readonly Float64Array[],
): VegaLiteSpec {
  checkArguments("predictiveChart", { site }, TEXT);
  checkArguments("predictiveChart", { data }, NUMBERS);
  checkArguments("predictiveChart", { draws }, listOf(NUMBERS));
  const all = [data, ...draws];
  const areWhole = all.every((values) => values.every(Number.isInteger));
  const [low, high] = [endOf(all, Math.min), endOf(all, Math.max)];
  return areWhole && high - low < MOST_VALUES
    ? countChart(site, data, draws, low, high)
    : densities(site, data, draws);
}

function endOf(all: readonly Float64Array[], of: (a: number, b: number) => number): number {
  return all.map((values) => values.reduce((a, x) => of(a, x))).reduce((a, x) => of(a, x));
}

function countChart(
  site: string,
  data: Float64Array,
  draws: readonly Float64Array[],
  low: number,
  high: number,
): VegaLiteSpec {
  const counts = (values: Float64Array) => {
    const found = new Array<number>(high - low + 1).fill(0);
    for (const x of values) found[x - low]++;
    return found;
  };
  const own = counts(data);
  const those = draws.map(counts);
  const values = own.map((count, i) => {
    const sorted = those.map((each) => each[i]).sort((a, b) => a - b);
    const at = (p: number) => sorted[Math.round(p * (sorted.length - 1))];
    return { x: low + i, count, low: at(0.05), middle: at(0.5), high: at(0.95) };
  });
  const x = {
    field: "x",
    type: "ordinal",
    title: site,
    axis: { labelAngle: 0, labelOverlap: true, grid: false },
  };
  const color = (name: string) => ({ datum: name, type: "nominal", ...legend });
  return {
    ...FRAME,
    height: HEIGHT,
    title: `Counts of ${site}`,
    description: `Counts of ${site} in the data and in draws`,
    data: { values },
    layer: [
      {
        mark: { type: "bar", opacity: 0.45, aria: false },
        encoding: {
          x,
          y: { field: "count", type: "quantitative", title: "how often" },
          color: color(NAMES[0]),
        },
      },
      {
        mark: { type: "rule", strokeWidth: 2, aria: false },
        encoding: {
          x,
          y: { field: "low", type: "quantitative" },
          y2: { field: "high" },
          color: color(NAMES[1]),
        },
      },
      {
        mark: { type: "point", filled: true, size: 36, opacity: 1, aria: false },
        encoding: { x, y: { field: "middle", type: "quantitative" }, color: color(NAMES[1]) },
      },
    ],
  } as unknown as VegaLiteSpec;
}

/** Ink for the data, a colour for what the model makes. */
const legend = {
  title: null,
  scale: { domain: NAMES, range: [INK, PALETTE[0]] },
  legend: { symbolType: "stroke", symbolOpacity: 1, columns: 2 },
};

/** The share of the values of draws beyond each end of the axis, whose tails may be long. */
const CUT = 0.002;

function densities(site: string, data: Float64Array, draws: readonly Float64Array[]): VegaLiteSpec {
  const pooled = Float64Array.from(draws.flatMap((values) => [...values])).sort();
  const at = (p: number) => pooled[Math.round(p * (pooled.length - 1))];
  const low = Math.min(at(CUT), endOf([data], Math.min));
  const high = Math.max(at(1 - CUT), endOf([data], Math.max));
  const curves = [
    ...draws.map((values) => ({ values, what: NAMES[1] })),
    { values: data, what: NAMES[0] },
  ];
  const values = curves.flatMap(({ values: of, what }, line) =>
    densityPoints(of, [low, high]).map((point) => ({ what, line, ...point })),
  );
  return {
    ...FRAME,
    height: HEIGHT,
    title: `Density of ${site}`,
    description: `Density of ${site} in the data and in draws`,
    data: { values },
    mark: { type: "line", aria: false, clip: true },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: site,
        scale: { domain: [low, high], nice: false, zero: false },
      },
      y: {
        field: "y",
        type: "quantitative",
        title: "density",
        axis: { labels: false, ticks: false, grid: false },
      },
      detail: { field: "line" },
      color: { field: "what", type: "nominal", ...legend },
      strokeWidth: { condition: { test: `datum.what === "${NAMES[0]}"`, value: 2.5 }, value: 0.8 },
      opacity: { condition: { test: `datum.what === "${NAMES[0]}"`, value: 1 }, value: 0.45 },
    },
  } as unknown as VegaLiteSpec;
}

/** The 1% point of the statistic of Kolmogorov and Smirnov, in large samples. */
const ONE_PERCENT = 1.628;

/**
 * How the distribution of places among predictions (PIT) differs from the uniform one, which a right model has: it
 * leaves the band in 1% of the data sets of such a model.
 */
export function pitChart(site: string, pit: Float64Array): VegaLiteSpec {
  checkArguments("pitChart", { site }, TEXT);
  checkArguments("pitChart", { pit }, NUMBERS);
  const n = pit.length;
  const half = ONE_PERCENT / (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n));
  const sorted = pit.slice().sort();
  const steps = Array.from(sorted, (p, i) => [
    { p, apart: i / n - p },
    { p, apart: (i + 1) / n - p },
  ]).flat();
  const values = [{ p: 0, apart: 0 }, ...steps, { p: 1, apart: 0 }];
  const most = Math.max(1.3 * half, ...values.map(({ apart }) => Math.abs(apart)));
  const y = { type: "quantitative", scale: { domain: [-most, most], nice: false } };
  return {
    ...FRAME,
    height: HEIGHT,
    title: `Leave-one-out PIT of ${site}`,
    description: `Leave-one-out PIT of ${site}`,
    layer: [
      {
        data: { values: [{ low: -half, high: half, none: 0 }] },
        layer: [
          {
            mark: { type: "rect", color: INK, opacity: 0.12, aria: false },
            encoding: { y: { field: "low", ...y }, y2: { field: "high" } },
          },
          {
            mark: { type: "rule", color: INK, strokeWidth: 0.8, aria: false },
            encoding: { y: { field: "none", ...y } },
          },
        ],
      },
      {
        data: { values },
        mark: { type: "line", color: PALETTE[0], strokeWidth: 1.8, aria: false },
        encoding: {
          x: { field: "p", type: "quantitative", title: "PIT", scale: { domain: [0, 1] } },
          y: { field: "apart", title: "ECDF less PIT", ...y },
          order: { value: null },
        },
      },
    ],
  } as unknown as VegaLiteSpec;
}
