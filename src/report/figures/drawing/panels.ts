/** Small charts beside and below each other in one drawing: small multiples. */
import type { VegaLiteSpec } from "./chart.ts";
import { FAINT_INK, WIDTH } from "./theme.ts";

/** A chart without a size, in the terms of Vega-Lite, and its heading. */
export interface Panel {
  /** Above the panel, cut where there is no more room. */
  readonly title?: string;
  /** Whether the heading may reach over the panels to the right, which have none. */
  readonly wide?: boolean;
  /** Layers or a mark, with data and encodings. */
  readonly chart: object;
}

/** Panels, row by row. */
export interface Panels {
  /** What is seen, for people who see it and for those who hear it. */
  readonly title: string;
  /** From the top left. */
  readonly panels: readonly Panel[];
  /** How many stand side by side. */
  readonly columns: number;
  /** The height of the plot of each, in pixels. */
  readonly height: number;
  /** Pixels that the labels of an upright axis take, if each panel has one. */
  readonly labels?: number;
  /** Pixels between two columns. */
  readonly gap?: number;
}

/** Pixels of a letter of a heading. */
const LETTER = 7;

/** The specification for `renderChart`. */
export function panels({
  title,
  panels: all,
  columns,
  height,
  labels = 0,
  gap = 14,
}: Panels): VegaLiteSpec {
  const width = Math.floor((WIDTH - 16 - gap * (columns - 1)) / columns - labels);
  const flush = all.some(({ wide }) => wide);
  const concat = all.map(({ title: heading, wide, chart }) => ({
    width,
    height,
    ...(heading !== undefined && { title: headingOf(heading, wide ? WIDTH - 16 : width) }),
    ...chart,
  }));
  return {
    title: { text: title, offset: 12 },
    description: title,
    columns,
    spacing: { row: flush ? 34 : 14, column: gap },
    ...(flush && { bounds: "flush" }),
    concat,
    resolve: {
      scale: { x: "independent", y: "independent", color: "independent" },
      legend: { color: "independent" },
    },
  } as unknown as VegaLiteSpec;
}

function headingOf(text: string, width: number) {
  return {
    text,
    fontSize: 12.5,
    fontWeight: 600,
    color: FAINT_INK,
    offset: 4,
    frame: "group",
    limit: Math.max(width, 8 * LETTER),
  };
}
