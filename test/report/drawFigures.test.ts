/** Pictures of draws, of chains and of predictions: what they hold, whatever names are called. */
import { describe, expect, test } from "vitest";
import { densityOf } from "../../src/report/figures/density.ts";
import {
  energyChart,
  kHatChart,
  pairChart,
  pitChart,
  predictiveChart,
  rankChart,
  renderChart,
  reportHtml,
  traceChart,
} from "../../src/report/index.ts";
import { type Element, parseXml } from "./xml.ts";

const [CHAINS, EACH] = [3, 700];
const waves = (phase: number) =>
  Float64Array.from(
    { length: CHAINS * EACH },
    (_, i) => (Math.sin(12.9898 * i + phase) * 43758.5) % 1,
  );
const HOSTILE = `beta["<script>alert(1)</script>" & 'co']`;
const variables = [
  { name: HOSTILE, values: waves(1) },
  { name: "spread", values: waves(2).map((x) => x + 5) },
  { name: "x".repeat(300), values: waves(3) },
];
const of = { chains: CHAINS, variables };

const textsOf = ({ text, children }: Element): string[] => [text, ...children.flatMap(textsOf)];
const labels = async (chart: Parameters<typeof renderChart>[0]) => {
  const svg = await renderChart(chart);
  const root = parseXml(svg);
  // An outer size that stands beside another on a page.
  expect(Number(root.attributes.width)).toBeLessThan(520);
  return textsOf(root).join("\n");
};

describe("of chains", () => {
  test("traces keep the least and the largest draw, and name what they show", async () => {
    const spec = traceChart(of);
    const [first] = (spec as unknown as { concat: { data: { values: { value: number }[] } }[] })
      .concat;
    const shown = first.data.values.map(({ value }) => value);
    expect(shown.length).toBeLessThan(CHAINS * 330);
    expect(Math.max(...shown)).toBe(variables[0].values.reduce((a, x) => Math.max(a, x)));
    const text = await labels(spec);
    expect(text).toContain("Traces");
    expect(text).toContain("spread");
    expect(text).toContain("chain");
    expect(text).toContain(`beta["<script>`);
  });

  test("ranks count every draw once", async () => {
    const spec = rankChart(of) as unknown as {
      concat: { layer: { data: { values: { count: number }[] } }[] }[];
    };
    expect(spec.concat.length).toBe(3 * CHAINS);
    for (const { layer } of spec.concat) {
      const counts = layer[0].data.values.map(({ count }) => count);
      expect(counts.reduce((a, b) => a + b)).toBe(EACH);
    }
    expect(await labels(rankChart(of))).toContain("spread");
    const equal = { chains: 2, variables: [{ name: "n", values: new Float64Array(2000) }] };
    const [left] = (rankChart(equal) as unknown as typeof spec).concat;
    const bars = left.layer[0].data.values.map(({ count }) => count);
    // Equal draws favour no chain: each bar holds half of a hundred.
    expect(Math.max(...bars.map((n) => Math.abs(n - 50)))).toBeLessThan(5);
  });

  test("pairs and energies are drawn", async () => {
    const diverging = new Float64Array(CHAINS * EACH);
    diverging[3] = 1;
    const text = await labels(pairChart(of, diverging));
    expect(text).toContain("Pairs, with divergent draws");
    expect(text).toContain("spread");
    expect(await labels(energyChart(waves(5), CHAINS))).toContain("change from draw to draw");
  });
});

describe("of densities", () => {
  test("mass is one, also where draws end", () => {
    const values = Float64Array.from({ length: 4000 }, (_, i) => -Math.log((i + 0.5) / 4000));
    const { x, y } = densityOf(values) ?? { x: [], y: [] };
    const mass = [...y].reduce((a, v) => a + v, 0) * (x[1] - x[0]);
    expect(mass).toBeGreaterThan(0.97);
    expect(mass).toBeLessThan(1.06);
    // An exponential density is 1 at its end.
    expect(Math.abs(y[0] - 1)).toBeLessThan(0.12);
    expect(densityOf([2, 2, 2])).toBeUndefined();
  });
});

describe("of predictions", () => {
  test("whole numbers are counted, others have densities", async () => {
    const counts = Float64Array.from({ length: 50 }, (_, i) => i % 4);
    expect(await labels(predictiveChart(HOSTILE, counts, [counts, counts]))).toContain("how often");
    const draws = [waves(1), waves(4)];
    expect(await labels(predictiveChart("y", waves(2), draws))).toContain("Density of y");
  });

  test("PIT and k-hat, infinite ones included", async () => {
    expect(await labels(pitChart("y", Float64Array.of(0.1, 0.4, 0.9)))).toContain(
      "Leave-one-out PIT",
    );
    const kHat = [0.2, Number.POSITIVE_INFINITY, 0.9];
    expect(await labels(kHatChart("k-hat", "observation", kHat, 0.7))).toContain("limit 0.7");
  });

  test("stand in a page under their captions' names", async () => {
    const svg = await renderChart(pitChart("y", Float64Array.of(0.1, 0.4)));
    const figures = [{ svg, caption: 'LOO-PIT of "y"' }];
    const html = reportHtml({ title: "t", sections: [{ title: "s", figures }] });
    expect(html).toContain('<svg role="img" aria-label="LOO-PIT of &quot;y&quot;"');
  });
});
