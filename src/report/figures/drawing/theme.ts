/** The house style of every figure: fonts, colours and the Vega config made of them. */
import type { Config } from "vega-lite";

/** System fonts only: a figure must not fetch anything. */
export const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif';

/** The colour of text. */
export const INK = "#24292f";
/** The colour of what stands back, such as ticks. */
export const FAINT_INK = "#57606a";
const GRID = "#e7eaee";

/**
 * Seven colours that stay apart under the common kinds of colour blindness and on paper, after
 * Okabe and Ito, "Color Universal Design" (2008); the lightest are darkened for thin lines.
 */
export const PALETTE = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#aa4499",
  "#d19a00",
  "#3fa7dc",
  "#4d4d4d",
] as const;

/** Outer width of a drawing in pixels: two fit beside each other on a page, one on a phone. */
export const WIDTH = 480;

/** The size of a drawing is that of its labels and legends too. */
export const FRAME = { width: WIDTH, autosize: { type: "fit", contains: "padding" } } as const;

/** Dash patterns, taken in turn when there are more series than colours. */
export const DASHES = [
  [1, 0],
  [6, 3],
  [2, 2],
] as const;

/** The house style of charts. */
export const theme: Config = {
  background: "white",
  font: FONT,
  padding: 8,
  title: { anchor: "start", fontSize: 15, fontWeight: 600, color: INK, offset: 10, limit: 460 },
  axis: {
    domainColor: "#8b949e",
    gridColor: GRID,
    tickColor: "#8b949e",
    tickSize: 4,
    labelColor: FAINT_INK,
    labelFontSize: 12.5,
    labelPadding: 4,
    // Each label at its tick, the first and the last too.
    labelFlush: false,
    titleColor: INK,
    titleFontSize: 13.5,
    titleFontWeight: 400,
    titlePadding: 8,
  },
  axisX: { titleLimit: 400 },
  axisY: { titleLimit: 280 },
  legend: {
    orient: "top",
    direction: "horizontal",
    labelColor: INK,
    labelFontSize: 13,
    labelLimit: 376,
    symbolStrokeWidth: 3,
    symbolSize: 300,
    columnPadding: 16,
    offset: 6,
  },
  line: { strokeWidth: 2, strokeCap: "round", strokeJoin: "round" },
  range: { category: [...PALETTE] },
  view: { stroke: null },
};
