/** Densities over a plane as contour lines, several in one picture. */
import type { Spec } from "vega";
import {
  checkArguments,
  listOf,
  NUMBERS,
  OBJECT,
  objectWith,
  SurmiseError,
  TEXT,
} from "../../tensor/internal.ts";
import { renderDrawing } from "./drawing/chart.ts";
import { FAINT_INK, FONT, INK, PALETTE } from "./drawing/theme.ts";

/** A density on the grid. */
export interface Density {
  /** What the legend calls it. */
  readonly name: string;
  /** Not negative; row by row from the top, as many in a row as there are rows. */
  readonly values: ArrayLike<number>;
}

/** Densities over one part of a plane. */
export interface ContourChart {
  /** Above the chart. */
  readonly title: string;
  /** The ends of the horizontal axis. */
  readonly x: readonly [number, number];
  /** The ends of the vertical axis. */
  readonly y: readonly [number, number];
  /** The first of them is filled, the others are lines upon it. */
  readonly densities: readonly Density[];
}

/** Lines stand where a density is so much of its largest value. */
const LEVELS = [0.05, 0.2, 0.45, 0.8];
/** The side of the plane on the page, in pixels. */
const SIDE = 300;
const COLOURS = [PALETTE[2], PALETTE[0], PALETTE[1], ...PALETTE.slice(3)];

/**
 * The chart as one `<svg>` element.
 *
 * @throws SurmiseError where the values are no square grid.
 */
export async function contourChart(chart: ContourChart): Promise<string> {
  checkArguments(
    "contourChart",
    { chart },
    objectWith({ title: TEXT, x: NUMBERS, y: NUMBERS, densities: listOf(OBJECT) }),
  );
  const { title, x, y, densities } = chart;
  const grids = densities.map(({ name, values }, i) => {
    const side = Math.sqrt(values.length);
    if (!Number.isInteger(side)) {
      throw new SurmiseError(`chart '${title}', '${name}': ${values.length} values are no square`);
    }
    const largest = Array.from(values).reduce((a, b) => Math.max(a, b), 0);
    return {
      name: `density ${i}`,
      values: [{ width: side, height: side, values: Array.from(values) }],
      transform: [
        {
          type: "isocontour",
          scale: SIDE / side,
          thresholds: LEVELS.map((level) => level * largest),
        },
      ],
    };
  });
  const scale = (name: string, domain: readonly number[], range: string) => ({
    ...{ name, type: "linear", domain, range, zero: false, nice: false },
  });
  const axis = (of: string, orient: string) => ({
    ...{ scale: of, orient, tickCount: 6, labelColor: FAINT_INK, labelFont: FONT },
  });
  return renderDrawing({
    width: SIDE,
    height: SIDE,
    padding: 8,
    background: "white",
    title: { text: title, anchor: "start", color: INK, font: FONT, fontSize: 15 },
    data: grids,
    scales: [
      scale("x", x, "width"),
      scale("y", y, "height"),
      {
        ...{ name: "density", type: "ordinal" },
        ...{ domain: densities.map(({ name }) => name), range: COLOURS },
      },
    ],
    axes: [axis("x", "bottom"), axis("y", "left")],
    legends: [
      {
        ...{ stroke: "density", orient: "top", direction: "horizontal", symbolType: "stroke" },
        ...{
          labelFont: FONT,
          labelColor: INK,
          labelFontSize: 13,
          symbolStrokeWidth: 3,
          labelLimit: 0,
        },
      },
    ],
    marks: grids.map(({ name }, i) => ({
      type: "path",
      clip: true,
      from: { data: name },
      encode: {
        enter: {
          stroke: { value: COLOURS[i % COLOURS.length] },
          strokeWidth: { value: i === 0 ? 1 : 2 },
          ...(i === 0 && { fill: { value: COLOURS[0] }, fillOpacity: { value: 0.15 } }),
        },
      },
      transform: [{ type: "geopath", field: "datum.contour" }],
    })),
  } as Spec);
}
