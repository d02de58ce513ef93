/** Bars of counts that should be equal, with a band. */
import { INK } from "./drawing/theme.ts";

/** Bars of counts that are equal in the mean, with the 99% band of a binomial. */
export function histogram(
  bars: readonly number[],
  look: {
    /** How many there are in all. */
    readonly total: number;
    /** The top of the upright axis. */
    readonly most: number;
    /** Of the bars. */
    readonly color: string;
    /** Of the axis along the bars, which goes from 0 to 1. */
    readonly axis: object | null;
  },
): object {
  const { total, most, color, axis } = look;
  const p = 1 / bars.length;
  const half = 2.576 * Math.sqrt(total * p * (1 - p));
  const values = bars.map((count, i) => ({ from: i * p, to: (i + 1) * p, count, none: 0 }));
  const band = { low: Math.max(0, total * p - half), high: total * p + half, mean: total * p };
  const y = { type: "quantitative", axis: null, scale: { domain: [0, most], nice: false } };
  return {
    layer: [
      {
        data: { values },
        mark: {
          type: "rect",
          color,
          opacity: 0.75,
          stroke: "white",
          strokeWidth: 0.5,
          aria: false,
        },
        encoding: {
          x: {
            field: "from",
            type: "quantitative",
            title: null,
            axis,
            scale: { domain: [0, 1], nice: false },
          },
          x2: { field: "to" },
          y: { field: "count", ...y },
          y2: { field: "none" },
        },
      },
      {
        data: { values: [band] },
        mark: { type: "rect", color: INK, opacity: 0.14, aria: false },
        encoding: { y: { field: "low", ...y }, y2: { field: "high" } },
      },
      {
        data: { values: [band] },
        mark: { type: "rule", color: INK, strokeWidth: 0.8, aria: false },
        encoding: { y: { field: "mean", ...y } },
      },
    ],
  };
}
