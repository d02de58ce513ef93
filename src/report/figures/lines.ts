/** Curves over steps, time or a parameter: the one chart that every run has. */
import {
  checkArguments,
  listOf,
  OBJECT,
  objectWith,
  SurmiseError,
  TEXT,
} from "../../tensor/internal.ts";
import type { VegaLiteSpec } from "./drawing/chart.ts";
import { DASHES, FRAME, PALETTE, WIDTH } from "./drawing/theme.ts";

/** The axis of a chart. */
export interface ChartAxis {
  /** Its title, with the unit. */
  readonly name: string;
  /** "log" leaves out values that are not positive; "time" is of milliseconds since 1970, UTC. Default "linear". */
  readonly scale?: "linear" | "log" | "time";
  /** The ends of the axis; what lies outside is cut off. Default: the extent of the values. */
  readonly domain?: readonly [number, number] | undefined;
  /** How ticks read, in D3's notation, such as "d" for years. Default: by their size. */
  readonly format?: string;
}

/** One line, with a band around it. */
export interface Series {
  /** What the legend calls it. */
  readonly name: string;
  /** Lines of one group share a colour, and are told apart by their dashes. Default: each has a colour of its own. */
  readonly group?: string;
  /** `x`, `y` and the band have one length; a `y` that is not finite leaves a hole in the line. */
  readonly x: ArrayLike<number>;
  /** The line. */
  readonly y: ArrayLike<number>;
  /** The lower and upper edge of a shaded band, such as a 90% interval. */
  readonly band?: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> };
}

/** Lines over one pair of axes. */
export interface LineChart {
  /** Above the chart. */
  readonly title: string;
  /** The horizontal axis. */
  readonly x: ChartAxis;
  /** The vertical axis. */
  readonly y: ChartAxis;
  /** The lines, in the order of the legend. */
  readonly series: readonly Series[];
}

/** Outer height of the drawing in pixels, to which long titles and legends add. */
const HEIGHT = 320;

/** Series of up to this many points show each point. */
const FEW_POINTS = 12;

/** Twice the pixels that the lines run across; a bucket keeps at most four of its points. */
const BUCKETS = 2 * WIDTH;

/**
 * The specification of a line chart, for `renderChart`. Long series are thinned to what the pixels
 * can show. Throws SurmiseError where two series have one name, or lengths differ.
 */
export function lineChart(chart: LineChart): VegaLiteSpec {
  checkArguments(
    "lineChart",
    { chart },
    objectWith({ title: TEXT, x: OBJECT, y: OBJECT, series: listOf(OBJECT) }),
  );
  const { title, x, y, series } = chart;
  checkSeries(title, series);
  const names = series.map((one) => one.name);
  const styles = stylesOf(series);
  const values = series.flatMap((one) => rowsOf(one, x, y));
  const longest = Math.max(0, ...series.map((one) => one.x.length));
  const clip = x.domain !== undefined || y.domain !== undefined;
  const across = extentOf(
    x,
    values.flatMap((row) => row.x ?? []),
  );
  const upwards = extentOf(
    y,
    values.flatMap((row) => [row.y, row.low, row.high].flatMap((value) => value ?? [])),
  );
  const legend = legendOf(names);
  const heading = wrap(title, TITLE_LETTERS);
  const entryRows = legend === null ? 1 : Math.ceil(names.length / legend.columns);
  return {
    ...FRAME,
    height: HEIGHT + LINE * (heading.length - 1 + entryRows - 1),
    title: heading,
    data: { values },
    encoding: {
      x: {
        field: "x",
        type: x.scale === "time" ? "temporal" : "quantitative",
        title: wrap(x.name, X_LETTERS),
        scale: { ...scaleOf(x, across), nice: false },
        axis: ticksOf(x, across),
      },
      color: {
        field: "series",
        type: "nominal",
        title: null,
        scale: { domain: names, range: styles.map(({ colour }) => colour) },
        legend,
      },
    },
    layer: [
      {
        transform: [{ filter: "isValid(datum.low) && isValid(datum.high)" }],
        mark: { type: "area", opacity: 0.18, clip, aria: false },
        encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" } },
      },
      {
        mark: { type: "line", clip, aria: false, point: longest <= FEW_POINTS && { size: 36 } },
        encoding: {
          y: {
            field: "y",
            type: "quantitative",
            title: wrap(y.name, Y_LETTERS),
            scale: scaleOf(y, upwards),
            axis: ticksOf(y, upwards),
          },
          strokeDash: {
            field: "series",
            type: "nominal",
            scale: { domain: names, range: styles.map(({ dashes }) => [...dashes]) },
            legend,
          },
        },
      },
    ],
  };
}

interface Row {
  series: string;
  x: number | null;
  y: number | null;
  low?: number | null;
  high?: number | null;
}

function rowsOf({ name, x, y, band }: Series, xAxis: ChartAxis, yAxis: ChartAxis): Row[] {
  return visible(x, y, xAxis).map((at) => ({
    series: name,
    x: shown(x[at], xAxis),
    y: shown(y[at], yAxis),
    ...(band && { low: shown(band.low[at], yAxis), high: shown(band.high[at], yAxis) }),
  }));
}

/** The value, or null where the axis cannot show it. */
function shown(value: number, axis: ChartAxis): number | null {
  return Number.isFinite(value) && (axis.scale !== "log" || value > 0) ? value : null;
}

/**
 * Indices of the points that make a difference to the picture: of each of BUCKETS strips along x
 * the first, the lowest, the highest and the last (M4: Jugel et al., VLDB 2014), and whatever is
 * not finite, which makes the holes.
 */
function visible(x: ArrayLike<number>, y: ArrayLike<number>, axis: ChartAxis): number[] {
  const every = Array.from({ length: x.length }, (_, at) => at).filter(
    (at) => shown(x[at], axis) !== null,
  );
  if (every.length <= 4 * BUCKETS) {
    return every;
  }
  const place = axis.scale === "log" ? Math.log : (value: number) => value;
  const places = every.map((at) => place(x[at]));
  const low = places.reduce((a, b) => Math.min(a, b));
  const high = places.reduce((a, b) => Math.max(a, b));
  const buckets = new Map<number, { first: number; least: number; most: number; last: number }>();
  const kept = new Set<number>();
  every.forEach((at, order) => {
    if (!Number.isFinite(y[at])) {
      kept.add(at);
      return;
    }
    const strip = Math.floor(((places[order] - low) / (high - low || 1)) * (BUCKETS - 1));
    const bucket = buckets.get(strip);
    if (bucket === undefined) {
      buckets.set(strip, { first: at, least: at, most: at, last: at });
      return;
    }
    bucket.last = at;
    if (y[at] < y[bucket.least]) {
      bucket.least = at;
    }
    if (y[at] > y[bucket.most]) {
      bucket.most = at;
    }
  });
  for (const { first, least, most, last } of buckets.values()) {
    kept.add(first).add(least).add(most).add(last);
  }
  return [...kept].sort((a, b) => a - b);
}

/** Lowest and highest value that an axis shows, [Infinity, -Infinity] where there is none. */
function extentOf({ domain }: ChartAxis, values: readonly number[]): readonly [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return domain ?? [low, high];
}

/** Does not force 0 into view; a single value gets some room on both sides. */
function scaleOf({ scale = "linear", domain }: ChartAxis, [low, high]: readonly [number, number]) {
  if (scale === "time") return { type: "utc" } as const;
  if (scale === "log") {
    return { type: scale, ...(domain ? { domain: [low, high] } : {}) };
  }
  const room = low === high ? Math.abs(low) / 10 || 1 : 0;
  const ends = domain || room > 0 ? { domain: [low - room, high + room] } : {};
  return { type: scale, zero: false, ...ends };
}

/**
 * Where the ticks of an axis stand and how they read. On a logarithmic one at the powers of ten, or, where these are few,
 * at 1, 2 and 5 times these, or at all whole multiples of them.
 */
function ticksOf({ scale, format: own }: ChartAxis, [low, high]: readonly [number, number]) {
  if (scale === "time") return { tickCount: 6, labelOverlap: true } as const;
  const format =
    own ?? formatOf(scale === "log" ? low : 0, Math.max(Math.abs(low), Math.abs(high)));
  const read = format === undefined ? {} : { format };
  if (scale !== "log" || !(low <= high)) return { tickCount: 6, ...read };
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const at = (factors: readonly number[]) =>
    Array.from({ length: last - first + 1 }, (_, i) =>
      factors.map((f) => Number(`${f}e${first + i}`)),
    )
      .flat()
      .filter((tick) => tick >= low && tick <= high);
  const values = MULTIPLES.map(at).find((ticks) => ticks.length > 2);
  return { ...(values === undefined ? { tickCount: 4 } : { values }), ...read };
}

/** Times a power of ten, the fewest first. */
const MULTIPLES = [[1], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]];

/** How ticks read: with powers of ten where some are tiny, or larger than the letters for thousands are known. */
function formatOf(least: number, largest: number): string | undefined {
  const isTiny = (least > 0 && least < 1e-4) || (largest > 0 && largest < 1e-3);
  if (isTiny || largest >= 1e13) return "~e";
  return largest >= 1e5 ? "~s" : undefined;
}

/**
 * Letters that Vega, which estimates their widths generously, lets into a line of the titles and
 * a row of the legend without shrinking the plot. The mark of a legend entry counts for five.
 */
const TITLE_LETTERS = 37;
const X_LETTERS = 34;
const Y_LETTERS = 24;
const LEGEND_LETTERS = 44;
const LONGEST_ENTRY = 36;

/** Height in pixels of a further line of the title or the legend. */
const LINE = 19;

/** Entries of the legend in as many columns as fit; no legend for a single series. */
function legendOf(names: readonly string[]) {
  const longest = Math.min(LONGEST_ENTRY, Math.max(0, ...names.map((name) => name.length)));
  const columns = Math.min(names.length, Math.floor(LEGEND_LETTERS / (longest + 5)));
  return names.length < 2 ? null : ({ symbolType: "stroke", symbolOpacity: 1, columns } as const);
}

/** The title in lines, broken at its spaces; the theme cuts off a word that is longer still. */
function wrap(title: string, letters: number): string[] {
  const lines = [""];
  for (const word of title.split(/\s+/)) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.length <= letters || lines.at(-1) === "") {
      lines[lines.length - 1] = line;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

/** A colour for each group, and dashes where a colour is taken already. */
function stylesOf(series: readonly Series[]) {
  const groups = [...new Set(series.map(({ group, name }) => group ?? name))];
  const taken = new Map<string, number>();
  return series.map(({ group, name }) => {
    const colour = PALETTE[groups.indexOf(group ?? name) % PALETTE.length];
    const before = taken.get(colour) ?? 0;
    taken.set(colour, before + 1);
    return { colour, dashes: DASHES[before % DASHES.length] };
  });
}

function checkSeries(title: string, series: readonly Series[]): void {
  const names = new Set<string>();
  for (const { name, x, y, band } of series) {
    if (names.has(name)) {
      throw new SurmiseError(`chart '${title}' has two series named '${name}': rename one`);
    }
    names.add(name);
    const lengths = { x, y, ...band };
    for (const [what, values] of Object.entries(lengths)) {
      if (values.length !== x.length) {
        throw new SurmiseError(
          `chart '${title}', series '${name}': x has ${x.length} values and ` +
            `${what} has ${values.length}; give as many of each`,
        );
      }
    }
  }
}
