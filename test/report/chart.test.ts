import { describe, expect, it, vi } from "vitest";
import { renderChart, withLocalIds } from "../../src/report/figures/drawing/chart.ts";
import { PALETTE } from "../../src/report/figures/drawing/theme.ts";
import { type LineChart, lineChart } from "../../src/report/figures/lines.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { type Element, find, parseXml } from "./xml.ts";

const steps = [0, 100, 200, 300, 400];
const bound: LineChart = {
  title: "Bound",
  x: { name: "step" },
  y: { name: "nats" },
  series: [
    { name: "train", x: steps, y: [-200, -150, -120, -110, -105] },
    { name: "test", x: steps, y: [-205, -155, -125, -115, -110] },
  ],
};

const draw = async (chart: LineChart) => parseXml(await renderChart(lineChart(chart)));
const texts = (svg: Element) => find(svg, "text").map((element) => element.text);

/** Vertices of the drawn lines, one list per `<path>` with this stroke that is not in the legend. */
function lines(svg: Element, stroke: string): [number, number][][] {
  return find(svg, "path")
    .filter(({ attributes }) => attributes.stroke === stroke && !attributes.transform)
    .map(({ attributes }) =>
      [...attributes.d.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [+x, +y]),
    );
}

describe("renderChart", () => {
  it("draws every series through its points, in its colour, named in the legend", async () => {
    const svg = await draw(bound);
    expect(svg.name).toBe("svg");
    expect(texts(svg)).toEqual(expect.arrayContaining(["Bound", "step", "nats", "train", "test"]));
    for (const [at, { y }] of bound.series.entries()) {
      const [line] = lines(svg, PALETTE[at]);
      expect(line).toHaveLength(5);
      // Equal steps are equal distances, and the height on the page is linear in the value.
      const slopes = line
        .slice(1)
        .map(([, height], k) => (height - line[k][1]) / (y[k + 1] - y[k]));
      for (const slope of slopes) {
        expect(slope).toBeCloseTo(slopes[0], 2);
        expect(slope).toBeLessThan(0);
      }
      expect(line[2][0] - line[1][0]).toBeCloseTo(line[1][0] - line[0][0], 2);
    }
  });

  it("cuts long titles at spaces, and over-long words", async () => {
    const title = "a title of several words that does not fit on one line of this chart";
    const word = "w".repeat(80);
    const svg = await draw({ ...bound, title, y: { name: word } });
    const [chartTitle] = find(svg, "text").filter(({ text, children }) =>
      [text, ...children.map((child) => child.text)].some((line) => line.startsWith("a title")),
    );
    expect(chartTitle.children.map(({ text }) => text).join(" ")).toBe(title);
    expect(texts(svg).some((text) => /^w{20,40}…$/.test(text))).toBe(true);
    expect(Number(svg.attributes.height)).toBeGreaterThan(320);
  });

  it("gives the same text for the same specification", async () => {
    const clipped = lineChart({ ...bound, y: { name: "nats", domain: [-150, -100] } });
    const first = await renderChart(clipped);
    expect(first).toContain('id="clip1"');
    expect(await renderChart(clipped)).toBe(first);
  });

  it("shows text from users as text", async () => {
    const name = `<script>alert("1")</script>&\u0000\u001b\ud800\uffff]]>`;
    const shown = `<script>alert("1")</script>&]]>`;
    const svg = await draw({
      ...bound,
      title: name,
      x: { name },
      series: [
        { ...bound.series[0], name },
        { ...bound.series[1], name: "b" },
      ],
    });
    expect(find(svg, "script")).toEqual([]);
    // The title, the axis and the legend.
    expect(texts(svg).filter((text) => text === shown)).toHaveLength(3);
  });

  it("draws labels that are names of JavaScript", async () => {
    const rows = ["__proto__", "constructor", "a"].map((label, x) => ({ label, x }));
    const told = vi.spyOn(console, "error");
    const svg = await renderChart({
      data: { values: rows },
      mark: "bar",
      encoding: {
        x: { field: "x", type: "quantitative" },
        y: { field: "label", type: "nominal" },
        row: { field: "label", type: "nominal" },
      },
    });
    expect(texts(parseXml(svg)).some((text) => text.endsWith("__proto__"))).toBe(true);
    expect(told).not.toHaveBeenCalled();
  });

  it("reads no files and keeps no links", async () => {
    const mark = "point" as const;
    for (const url of ["/etc/hostname", "http://localhost/x.csv", "file:///etc/hostname"]) {
      await expect(renderChart({ data: { url }, mark })).rejects.toThrow(
        new SurmiseError(
          `the chart refers to ${JSON.stringify(url)}; a figure must hold its own data: ` +
            "give them as data.values",
        ),
      );
    }
    const linked = renderChart({
      data: { values: [{ x: 1, link: "javascript:alert(1)" }] },
      mark,
      encoding: { x: { field: "x" }, href: { field: "link" } },
    });
    await expect(linked).rejects.toThrow(SurmiseError);
  });
});

describe("lineChart", () => {
  it("leaves a hole where a value is not finite, and where a logarithm has none", async () => {
    const y = [1, 2, Number.NaN, 3, 4];
    const broken = await draw({ ...bound, series: [{ name: "a", x: steps, y }] });
    const paths = find(broken, "path").filter(({ attributes }) => attributes.stroke === PALETTE[0]);
    expect(paths.map(({ attributes }) => attributes.d.match(/M/g)?.length)).toContain(2);

    const log = await draw({ ...bound, x: { name: "step", scale: "log" } });
    expect(lines(log, PALETTE[0])[0]).toHaveLength(4);
  });

  it("thins a long series without losing its ends or its extremes", () => {
    const length = 300_000;
    const x = Float64Array.from({ length }, (_, at) => at);
    const y = Float64Array.from(x, (at) => Math.sin(at / 1000));
    y[123_456] = 50;
    y[200_001] = -60;
    y[250_000] = Number.NaN;
    const spec = lineChart({ ...bound, series: [{ name: "long", x, y }] });
    const { values } = spec.data as { values: { x: number; y: number | null }[] };
    expect(values.length).toBeLessThan(5000);
    const kept = new Map(values.map((row) => [row.x, row.y]));
    expect([kept.get(0), kept.get(length - 1)]).toEqual([y[0], y[length - 1]]);
    expect([kept.get(123_456), kept.get(200_001), kept.get(250_000)]).toEqual([50, -60, null]);
    for (const [at, value] of kept) {
      expect(value).toBe(at === 250_000 ? null : y[at]);
    }
    expect(values.map((row) => row.x)).toEqual([...kept.keys()].sort((a, b) => a - b));
  });

  it("puts the ticks of a logarithmic axis on powers of ten, and on 2 and 5 where these are few", async () => {
    const at = async (x: number[]) => {
      const svg = await draw({
        ...bound,
        x: { name: "K", scale: "log" },
        y: { name: "y", domain: [-2, -1] },
        series: [{ name: "a", x, y: x.map(() => -1.5) }],
      });
      return texts(svg).filter((text) => /^[\d.,]+(e.\d+)?$/.test(text));
    };
    expect(await at([1e-4, 1e-3, 1e-2])).toEqual(["0.0001", "0.001", "0.01"]);
    expect(await at([1, 5, 50])).toEqual(["1", "2", "5", "10", "20", "50"]);
    expect(await at([0.055, 0.1])).toEqual(["0.06", "0.07", "0.08", "0.09", "0.1"]);
    expect(await at([3.1, 3.4])).toHaveLength(4);
    expect(await at([1e-7, 1e-2, 1])).toContain("1e-2");
    expect(await at([1, 1e20])).toContain("1e+10");
  });

  it("draws bands between their bounds, and charts without any value", async () => {
    const [one] = bound.series;
    const low = one.y as number[];
    const high = low.map((value) => value + 10);
    const svg = await draw({ ...bound, series: [{ ...one, band: { low, high } }] });
    const areas = find(svg, "path").filter(({ attributes }) => attributes.fill === PALETTE[0]);
    expect(areas.filter(({ attributes }) => attributes.d.includes("L"))).toHaveLength(1);

    for (const series of [[], [{ name: "a", x: [1], y: [Number.NaN] }]]) {
      expect(texts(await draw({ ...bound, series }))).toContain("Bound");
    }
  });

  it("tells series beyond the palette apart by their dashes", async () => {
    const series = Array.from({ length: 9 }, (_, at) => ({
      name: `series ${at}`,
      x: steps,
      y: steps.map((step) => step + at),
    }));
    const svg = await draw({ ...bound, series });
    const styles = find(svg, "path")
      .filter(({ attributes }) => attributes["stroke-width"] === "2" && !attributes.transform)
      .map(({ attributes }) => `${attributes.stroke} ${attributes["stroke-dasharray"]}`);
    expect(new Set(styles).size).toBe(9);
    expect(texts(svg)).toEqual(expect.arrayContaining(series.map(({ name }) => name)));
  });

  it("gives the lines of a group one colour, and dashes of their own", async () => {
    const of = (name: string, group: string) => ({ name, group, x: steps, y: steps });
    const series = [
      of("a, train", "a"),
      of("a, test", "a"),
      of("b, train", "b"),
      of("b, test", "b"),
    ];
    const styles = find(await draw({ ...bound, series }), "path")
      .filter(({ attributes }) => attributes["stroke-width"] === "2" && !attributes.transform)
      .map(({ attributes }) => [attributes.stroke, attributes["stroke-dasharray"]]);
    const [solid, dashed] = ["1,0", "6,3"];
    expect(styles).toEqual([
      ...[
        [PALETTE[0], solid],
        [PALETTE[0], dashed],
      ],
      ...[
        [PALETTE[1], solid],
        [PALETTE[1], dashed],
      ],
    ]);
  });

  it("refuses two series of one name, and lengths that differ", () => {
    const [one] = bound.series;
    expect(() => lineChart({ ...bound, series: [one, one] })).toThrow(
      new SurmiseError("chart 'Bound' has two series named 'train': rename one"),
    );
    expect(() => lineChart({ ...bound, series: [{ ...one, y: [1] }] })).toThrow(
      new SurmiseError(
        "chart 'Bound', series 'train': x has 5 values and y has 1; give as many of each",
      ),
    );
    const band = { low: [1], high: one.y };
    expect(() => lineChart({ ...bound, series: [{ ...one, band }] })).toThrow(/low has 1/);
  });
});

describe("withLocalIds", () => {
  it("renames identifiers and what points to them", () => {
    const svg = '<g clip-path="url(#b)"><use href="#a"/><clipPath id="b"/><path id="a"/></g>';
    expect(withLocalIds(svg, "f-")).toBe(
      '<g clip-path="url(#f-1)"><use href="#f-2"/><clipPath id="f-1"/><path id="f-2"/></g>',
    );
  });
});
