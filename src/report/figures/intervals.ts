/** Means with intervals, one below the other: what a posterior says about the elements of a site. */
import { checkArguments, listOf, OBJECT, TEXT } from "../../tensor/internal.ts";
import type { VegaLiteSpec } from "./drawing/chart.ts";
import { FAINT_INK, FRAME, PALETTE, WIDTH } from "./drawing/theme.ts";

/** A labelled interval with a point inside. */
export interface Interval {
  /** Beside the interval. */
  readonly label: string;
  /** Its lower end. */
  readonly low: number;
  /** The point, such as the median. */
  readonly middle: number;
  /** Its upper end. */
  readonly high: number;
}

/** Height of a row and of the rest, in pixels. */
const ROW = 22;
const REST = 80;

/**
 * The specification for `renderChart`; rows from the top in the order given. Labels have a third of the width, in pixels, at
 * most.
 */
export function intervalChart(
  title: string,
  rows: readonly Interval[],
  width = WIDTH,
): VegaLiteSpec {
  checkArguments("intervalChart", { title }, TEXT);
  checkArguments("intervalChart", { rows }, listOf(OBJECT));
  const y = {
    field: "label",
    type: "nominal",
    title: null,
    sort: null,
    axis: { grid: true, ticks: false, labelLimit: width / 3 },
  } as const;
  const values = rows.map(({ label, low, middle, high }) => ({ label, low, middle, high }));
  return {
    ...FRAME,
    width,
    height: REST + ROW * rows.length,
    title,
    data: { values },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 2.5, color: PALETTE[0], aria: false },
        encoding: {
          y,
          x: {
            field: "low",
            type: "quantitative",
            title: null,
            scale: { zero: false, padding: 12 },
            axis: { tickCount: 6 },
          },
          x2: { field: "high" },
        },
      },
      {
        mark: { type: "point", filled: true, size: 50, color: FAINT_INK, opacity: 1, aria: false },
        encoding: { y, x: { field: "middle", type: "quantitative" } },
      },
    ],
  };
}
