import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderChart } from "../../src/report/figures/drawing/chart.ts";
import { imageGrid } from "../../src/report/figures/images.ts";
import { lineChart } from "../../src/report/figures/lines.ts";
import { type Report, reportHtml } from "../../src/report/page.ts";
import { writeReport } from "../../src/runs/index.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { parseXml } from "./xml.ts";

const HOSTILE = `</style></title><script>alert(1)</script><img src="http://a.b/c" onerror='x'>&`;

let folder: string;
let report: Report;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "surmise-report-"));
  const chart = await renderChart(
    lineChart({
      title: HOSTILE,
      x: { name: HOSTILE, scale: "log" },
      y: { name: "bound", domain: [-2, 0] },
      series: [{ name: HOSTILE, x: [1, 2, 3], y: [-3, -1, -0.5] }],
    }),
  );
  const pixels = new Uint8Array(4);
  const grid = imageGrid({
    images: [pixels],
    height: 2,
    width: 2,
    columns: 1,
    rowTitles: [HOSTILE],
  });
  report = {
    title: HOSTILE,
    subtitle: HOSTILE,
    sections: [
      {
        title: HOSTILE,
        text: `${HOSTILE}\n\nsecond paragraph`,
        figures: [
          { svg: chart, caption: HOSTILE },
          { svg: chart, caption: "again" },
          { svg: grid, caption: "images" },
        ],
        table: {
          columns: [HOSTILE, "value", "published"],
          rows: [
            [HOSTILE, -104.23456789, "-105.1 ± 0.2"],
            ["b", 3, "–"],
          ],
        },
      },
    ],
    footer: HOSTILE,
  };
});
afterAll(() => rm(folder, { recursive: true }));

describe("reportHtml", () => {
  it("refers to nothing outside and runs nothing", () => {
    const html = reportHtml(report);
    const tags = html.match(/<[a-z][^>]*>/gi) ?? [];
    expect(tags.length).toBeGreaterThan(50);
    for (const tag of tags) {
      expect(tag).not.toMatch(/^<(script|img|link|iframe|object|embed|base)\b/i);
      const bare = tag.replace(/"[^"]*"/g, '""');
      expect(bare).not.toMatch(/\son\w+=/i);
      for (const [, target] of tag.matchAll(/\s(?:xlink:)?(?:src|href)="([^"]*)"/gi)) {
        expect(target).toMatch(/^(#|data:image\/png;base64,)/);
      }
    }
    const addresses = html.replaceAll(/xmlns(:xlink)?="[^"]*"/g, "").match(/https?:\/\/[^\s"<&]*/g);
    expect(new Set(addresses)).toEqual(new Set(["http://a.b/c"]));
    expect(html).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:;`,
    );
    expect(html.match(/<\/style>/g)).toHaveLength(1);
    expect(html.match(/@import|url\(\s*['"]?(?!#)/g)).toBeNull();
  });

  it("is well-formed, and no two identifiers are the same", () => {
    const html = reportHtml(report);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThanOrEqual(2);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/url\(#([^)]+)\)/g)) {
      expect(ids).toContain(id);
    }
    const closed = html
      .replace("<!doctype html>\n", "")
      .replace(/<style>[^<]*<\/style>/, "")
      .replace(/<meta [^>]*>/g, "");
    expect(parseXml(closed.trim()).name).toBe("html");
  });

  it("sets numbers to the right, shortened, and words to the left", () => {
    const html = reportHtml(report);
    expect(html).toContain('<td class="number">-104.235</td><td class="number">-105.1 ± 0.2</td>');
    expect(html).toContain('<td>b</td><td class="number">3</td><td class="number">–</td>');
    expect(html).toContain("<p>second paragraph</p>");
  });

  it("refuses figures that are no SVG or need something else, and uneven rows", () => {
    const page = (svg: string) =>
      reportHtml({ title: "t", sections: [{ title: "s", figures: [{ svg, caption: "bound" }] }] });
    const message =
      "figure 'bound' is not an SVG that stands alone: no scripts and no links to other files";
    for (const svg of [
      "<p>hello</p>",
      "<svg><script>1</script></svg>",
      "<svg><foreignObject/></svg>",
      '<svg><image href="http://a.b/c.png"/></svg>',
      "<svg><image xlink:href='//a.b/c.png'/></svg>",
      "<svg><image href=x.png /></svg>",
    ]) {
      expect(() => page(svg)).toThrow(new SurmiseError(message));
    }
    expect(page('<svg><use href="#a"/><text>href="x" </text></svg>')).toContain("href");

    const table = { columns: ["a", "b"], rows: [[1, 2], [3]] };
    expect(() => reportHtml({ title: "t", sections: [{ title: "s", table }] })).toThrow(
      new SurmiseError("section 's': row 2 of the table has 1 cells for 2 columns (a, b)"),
    );
  });
});

describe("writeReport", () => {
  it("replaces the file whole, in a folder it makes, and leaves nothing else", async () => {
    const file = join(folder, "new", "deep", "report.html");
    await writeReport(file, { title: "first", sections: [] });
    await writeReport(file, report);
    expect(await readFile(file, "utf8")).toBe(reportHtml(report));
    expect(await readdir(join(folder, "new", "deep"))).toEqual(["report.html"]);
  });

  it("says which file cannot be written", async () => {
    const notAFolder = join(folder, "file");
    await writeFile(notAFolder, "");
    const failed = writeReport(join(notAFolder, "report.html"), report);
    await expect(failed).rejects.toThrow(SurmiseError);
    await expect(failed).rejects.toThrow(
      /^cannot write '.*file.report\.html' \(.*\): choose a folder that can be written$/,
    );
    await expect(writeReport(folder, report)).rejects.toThrow(SurmiseError);
    const left = (await readdir(tmpdir())).filter((name) => name.startsWith(".surmise-report-"));
    expect(left).toEqual([]);
  });

  it("does not load Vega with it: that comes with the first chart", async () => {
    const seen = new Set<string>();
    const visit = async (file: URL) => {
      if (seen.has(file.href)) {
        return;
      }
      seen.add(file.href);
      const source = await readFile(file, "utf8");
      for (const [, target] of source.matchAll(
        /^(?:im|ex)port (?!type )(?:[^;="]* from )?"([^"]+)";$/gm,
      )) {
        expect(target).not.toMatch(/^vega/);
        if (target.startsWith(".")) {
          await visit(new URL(target, file));
        }
      }
    };
    await visit(new URL("../../src/runs/outputs/report.ts", import.meta.url));
    expect(seen.size).toBeGreaterThan(5);
  });
});
