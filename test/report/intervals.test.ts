import { describe, expect, test } from "vitest";
import { intervalChart } from "../../src/report/figures/intervals.ts";
import { renderChart } from "../../src/report/index.ts";

const rows = [
  { label: "Choate", low: -1, middle: 6, high: 16 },
  { label: "A & B", low: -2, middle: 5, high: 13 },
];

describe("interval charts", () => {
  test("show a row for each interval, in the order given", async () => {
    const svg = await renderChart(intervalChart("theta", rows));
    expect(svg).toMatch(/^<svg/);
    expect(svg.indexOf("Choate")).toBeGreaterThan(0);
    expect(svg.indexOf("A &amp; B")).toBeGreaterThan(svg.indexOf("Choate"));
  });

  test("grow with the rows, and are as wide as other charts", async () => {
    const height = (svg: string) => Number(/height="(\d+)"/.exec(svg)?.[1]);
    const [few, many] = await Promise.all(
      [2, 20].map((count) => {
        const more = Array.from({ length: count }, (_, i) => ({ ...rows[0], label: `row ${i}` }));
        return renderChart(intervalChart("theta", more));
      }),
    );
    expect(height(many)).toBe(height(few) + 18 * 22);
  });
});
