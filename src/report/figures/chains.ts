/**
 * Draws of Markov chains as pictures: traces, ranks (Vehtari et al. 2021, section 4.3), densities by chain, pairs with
 * divergences, energies (Betancourt 2016).
 */
import {
  checkArguments,
  listOf,
  NUMBER,
  NUMBERS,
  objectWith,
  TEXT,
} from "../../tensor/internal.ts";
import { densityPoints } from "./density.ts";
import type { VegaLiteSpec } from "./drawing/chart.ts";
import { type Panel, panels } from "./drawing/panels.ts";
import { FRAME, INK, PALETTE } from "./drawing/theme.ts";
import { histogram } from "./histogram.ts";

/** The draws of one number. */
export interface ChainVariable {
  /** `theta[Choate]`. */
  readonly name: string;
  /** One chain after the other, all of one length. */
  readonly values: Float64Array;
}

/** Numbers of one model, drawn by the same chains. */
export interface ChainVariables {
  /** How many chains there are. */
  readonly chains: number;
  /** The numbers, from the top. */
  readonly variables: readonly ChainVariable[];
}

const ARGUMENT = objectWith({
  chains: NUMBER,
  variables: listOf(objectWith({ name: TEXT, values: NUMBERS })),
});

const AXIS_X = { tickCount: 5, grid: false, labelOverlap: true, labelFlush: true } as const;
const AXIS_Y = { tickCount: 3, title: null, labelLimit: 48 } as const;

/** How ticks among these values read. */
function ticksOf(values: ArrayLike<number>): { readonly format?: string } {
  const largest = Array.from(values).reduce((a, x) => Math.max(a, Math.abs(x)), 0);
  if (largest >= 1e4) return { format: "~s" };
  return largest > 0 && largest < 1e-3 ? { format: "~e" } : {};
}

/** Pixels for the labels of an upright axis. */
const LABELS = 50;

/** Colours by chain, the same in all panels. */
function colorOf(chains: number, legend: boolean) {
  const domain = Array.from({ length: chains }, (_, c) => c + 1);
  return {
    field: "chain",
    type: "nominal",
    title: "chain",
    scale: { domain, range: domain.map((_, c) => PALETTE[c % PALETTE.length]) },
    legend:
      legend && chains > 1 && chains <= 12
        ? {
            symbolType: "stroke",
            symbolOpacity: 1,
            titleFontSize: 13,
            titleFontWeight: 400,
            titleColor: INK,
            titleOrient: "left",
            columns: 6,
          }
        : null,
  } as const;
}

/** The values of a chain. */
function chainOf({ values }: ChainVariable, chains: number, c: number): Float64Array {
  const each = values.length / chains;
  return values.subarray(c * each, (c + 1) * each);
}

/** Strips of a trace, each of which shows its least and its largest draw. */
const STRIPS = 160;

/** The draws in their order, by chain. */
export function traceChart(of: ChainVariables): VegaLiteSpec {
  checkArguments("traceChart", { of }, ARGUMENT);
  const { chains, variables } = of;
  return panels({
    title: "Traces",
    columns: 1,
    height: 64,
    labels: LABELS,
    panels: variables.map((variable, row): Panel => {
      const values = Array.from({ length: chains }, (_, c) =>
        thinned(chainOf(variable, chains, c)),
      ).flatMap((points, c) => points.map(([draw, value]) => ({ chain: c + 1, draw, value })));
      const isLast = row === variables.length - 1;
      return {
        title: variable.name,
        chart: {
          data: { values },
          mark: { type: "line", strokeWidth: 0.8, opacity: 0.75, aria: false },
          encoding: {
            x: {
              field: "draw",
              type: "quantitative",
              title: isLast ? "draw" : null,
              scale: { nice: false },
              axis: { ...AXIS_X, labels: isLast },
            },
            y: {
              field: "value",
              type: "quantitative",
              scale: { zero: false },
              axis: { ...AXIS_Y, ...ticksOf(variable.values) },
            },
            color: colorOf(chains, row === 0),
          },
        },
      };
    }),
  });
}

/** [draw, value] of a chain: all of a short one, else the least and the largest of each strip, in their order. */
function thinned(values: Float64Array): [number, number][] {
  const n = values.length;
  const all = Array.from(values, (x, i): [number, number] => [i + 1, x]);
  if (n <= 2 * STRIPS) return all;
  return Array.from({ length: STRIPS }, (_, s) => {
    const strip = all.slice(Math.floor((s * n) / STRIPS), Math.floor(((s + 1) * n) / STRIPS));
    const least = strip.reduce((a, b) => (b[1] < a[1] ? b : a));
    const most = strip.reduce((a, b) => (b[1] > a[1] ? b : a));
    return least[0] === most[0] ? [least] : [least, most].sort((a, b) => a[0] - b[0]);
  }).flat();
}

/** The density of each chain by itself; one curve of draws that are of none. */
export function densityChart(of: ChainVariables): VegaLiteSpec {
  checkArguments("densityChart", { of }, ARGUMENT);
  const { chains, variables } = of;
  const columns = Math.min(2, variables.length);
  return panels({
    title: chains > 1 ? "Density of each chain" : "Densities",
    columns,
    height: 84,
    gap: 24,
    panels: variables.map((variable, i): Panel => {
      const values = Array.from({ length: chains }, (_, c) =>
        densityPoints(chainOf(variable, chains, c)).map((point) => ({ chain: c + 1, ...point })),
      ).flat();
      return {
        title: variable.name,
        chart: {
          data: { values },
          mark: { type: "line", strokeWidth: 1.6, aria: false },
          encoding: {
            x: { ...plain("x"), axis: { ...AXIS_X, ...ticksOf(variable.values) } },
            y: { field: "y", type: "quantitative", title: null, axis: null },
            color: colorOf(chains, i === 0),
          },
        },
      };
    }),
  });
}

const plain = (field: string) => ({
  field,
  type: "quantitative" as const,
  title: null,
  scale: { zero: false, nice: false },
});

const BINS = 20;
/** More chains than this are not shown side by side. */
const MOST_CHAINS = 6;

/**
 * Where the draws of each chain stand among those of all, in twenty bins: alike where chains have one distribution. The
 * band holds 99% of the bars of such chains whose draws are independent.
 */
export function rankChart(of: ChainVariables): VegaLiteSpec {
  checkArguments("rankChart", { of }, ARGUMENT);
  const { chains, variables } = of;
  const shown = Math.min(chains, MOST_CHAINS);
  return panels({
    title: "Ranks of the draws of each chain",
    columns: shown,
    height: 48,
    gap: 10,
    panels: variables.flatMap((variable) => {
      const counts = rankCounts(variable.values, chains);
      const each = variable.values.length / chains;
      const most = Math.max(...counts.flat(), (2 * each) / BINS);
      return counts.slice(0, shown).map(
        (bars, c): Panel => ({
          ...(c === 0 && { title: variable.name, wide: true }),
          chart: histogram(bars, {
            total: each,
            most,
            color: PALETTE[c % PALETTE.length],
            axis: null,
          }),
        }),
      );
    }),
  });
}

/** By chain, how many of its draws have a rank in each bin; draws that are equal share their ranks out. */
function rankCounts(values: Float64Array, chains: number): number[][] {
  const n = values.length;
  const each = n / chains;
  const order = Uint32Array.from(values, (_, i) => i);
  // Equal draws in an order that favours no chain.
  const mixed = (i: number) => (i * 0.6180339887498949) % 1;
  order.sort((a, b) => values[a] - values[b] || mixed(a) - mixed(b));
  const counts = Array.from({ length: chains }, () => new Array<number>(BINS).fill(0));
  order.forEach((at, rank) => {
    counts[Math.floor(at / each)][Math.floor((rank * BINS) / n)]++;
  });
  return counts;
}

/** Points of a panel, beside those of divergences. */
const POINTS = 250;
const MOST_DIVERGENT = 250;

/**
 * Each number against each other, with the draws that ended in a divergence on top: where these are, the chains do not
 * get on.
 *
 * @param diverging 1 for each draw that did, in the order of the draws
 */
export function pairChart(of: ChainVariables, diverging: ArrayLike<number>): VegaLiteSpec {
  checkArguments("pairChart", { of }, ARGUMENT);
  checkArguments("pairChart", { diverging }, NUMBERS);
  const { variables } = of;
  const count = diverging.length;
  const all = Array.from({ length: count }, (_, d) => d);
  const bad = every(
    all.filter((d) => diverging[d] !== 0),
    MOST_DIVERGENT,
  );
  const good = every(
    all.filter((d) => diverging[d] === 0),
    POINTS,
  );
  const size = variables.length - 1;
  const cells = variables.slice(1).flatMap((y, row) =>
    variables.slice(0, -1).map((x, column): Panel => {
      if (column > row)
        return { chart: { data: { values: [] }, mark: { type: "point" }, view: { stroke: null } } };
      const [isLast, isFirst] = [row === size - 1, column === 0];
      const axis = { grid: false, titleFontSize: 12, titleLimit: 120 };
      const encoding = {
        x: {
          ...plain("x"),
          title: isLast ? x.name : null,
          axis: { ...AXIS_X, ...axis, ...ticksOf(x.values), tickCount: 3, labels: isLast },
        },
        y: {
          ...plain("y"),
          axis: {
            ...{ ...AXIS_Y, ...axis, ...ticksOf(y.values), labels: isFirst },
            title: isFirst ? y.name : null,
          },
        },
      };
      const dots = (draws: readonly number[], color: string, opacity: number) => ({
        data: { values: draws.map((d) => ({ x: x.values[d], y: y.values[d] })) },
        mark: { type: "square", size: 6, color, opacity, aria: false },
        encoding,
      });
      return { chart: { layer: [dots(good, PALETTE[0], 0.45), dots(bad, PALETTE[1], 1)] } };
    }),
  );
  return panels({
    title: bad.length > 0 ? "Pairs, with divergent draws" : "Pairs",
    columns: size,
    height: Math.min(120, Math.floor(320 / size)),
    labels: Math.ceil(80 / size),
    gap: 10,
    panels: cells,
  });
}

/** At most so many, evenly. */
function every(draws: readonly number[], most: number): readonly number[] {
  if (draws.length <= most) return draws;
  return Array.from({ length: most }, (_, i) => draws[Math.floor((i * draws.length) / most)]);
}

/**
 * The energies that chains are at, around their means, and how these change from draw to draw: where the changes are
 * much the narrower, energies are explored slowly.
 *
 * @param energy in nats, one chain after the other
 */
export function energyChart(energy: Float64Array, chains: number): VegaLiteSpec {
  checkArguments("energyChart", { energy }, NUMBERS);
  checkArguments("energyChart", { chains }, NUMBER);
  const own = { name: "", values: energy };
  const parts = Array.from({ length: chains }, (_, c) => chainOf(own, chains, c));
  const centred = parts.flatMap((part) => {
    const mean = part.reduce((a, x) => a + x, 0) / part.length;
    return Array.from(part, (x) => x - mean);
  });
  const changes = parts.flatMap((part) => Array.from(part.subarray(1), (x, i) => x - part[i]));
  const curves = { "energy around its mean": centred, "change from draw to draw": changes };
  const names = Object.keys(curves);
  const values = Object.entries(curves).flatMap(([what, numbers]) =>
    densityPoints(numbers).map((point) => ({ what, ...point })),
  );
  return {
    ...FRAME,
    height: 260,
    title: "Energy",
    description: "Energy",
    data: { values },
    layer: [
      { mark: { type: "area", opacity: 0.2, aria: false } },
      { mark: { type: "line", aria: false } },
    ],
    encoding: {
      x: { field: "x", type: "quantitative", title: "nats", scale: { nice: false } },
      y: { field: "y", type: "quantitative", title: null, axis: null, stack: null },
      color: {
        field: "what",
        type: "nominal",
        title: null,
        scale: { domain: names, range: [PALETTE[0], PALETTE[1]] },
        legend: { symbolType: "stroke", symbolOpacity: 1, columns: 2 },
      },
    },
  } as VegaLiteSpec;
}
