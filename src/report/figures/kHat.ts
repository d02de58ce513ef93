/** Whether weights can be trusted, one by one. */
import { checkArguments, NUMBER, NUMBERS, TEXT } from "../../tensor/internal.ts";
import type { VegaLiteSpec } from "./drawing/chart.ts";
import { FAINT_INK, FRAME, INK, PALETTE } from "./drawing/theme.ts";

/** The size of the tails of weights (k-hat) of each of a row of things, with the limit above which they are not reliable. */
export function kHatChart(
  title: string,
  what: string,
  kHat: ArrayLike<number>,
  limit: number,
): VegaLiteSpec {
  checkArguments("kHatChart", { title, what }, TEXT);
  checkArguments("kHatChart", { kHat }, NUMBERS);
  checkArguments("kHatChart", { limit }, NUMBER);
  const top = Array.from(kHat).reduce((a, k) => (Number.isFinite(k) ? Math.max(a, k) : a), 1);
  const values = Array.from(kHat, (k, i) => ({
    i: i + 1,
    k: Number.isFinite(k) ? k : top,
    above: k <= limit ? 0 : 1,
  }));
  return {
    ...FRAME,
    height: 260,
    title,
    description: title,
    layer: [
      {
        data: { values: [{ limit, text: `limit ${Number(limit.toPrecision(2))}` }] },
        layer: [
          { mark: { type: "rule", color: PALETTE[1], strokeDash: [5, 3], aria: false } },
          {
            mark: {
              type: "text",
              align: "right",
              x: "width",
              dy: -7,
              fontSize: 12,
              color: INK,
              aria: false,
            },
            encoding: { text: { field: "text" } },
          },
        ],
        encoding: { y: { field: "limit", type: "quantitative" } },
      },
      {
        data: { values },
        mark: { type: "point", filled: true, size: 26, opacity: 0.9, aria: false },
        encoding: {
          x: {
            field: "i",
            type: "quantitative",
            title: what,
            scale: { nice: false, padding: 8 },
            axis: { tickMinStep: 1, grid: false },
          },
          y: { field: "k", type: "quantitative", title: "k-hat" },
          color: {
            field: "above",
            type: "nominal",
            scale: { domain: [0, 1], range: [FAINT_INK, PALETTE[1]] },
            legend: null,
          },
        },
      },
    ],
  } as VegaLiteSpec;
}
