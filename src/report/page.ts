/** A run's report: one HTML file that needs nothing else, on screen, on a phone and on paper. */
import {
  checkArguments,
  listOf,
  OBJECT,
  objectWith,
  SurmiseError,
  TEXT,
} from "../tensor/internal.ts";
import { withLocalIds } from "./figures/drawing/chart.ts";
import { escapeText } from "./figures/drawing/text.ts";

/** A picture with its caption. */
export interface Figure {
  /** An `<svg>` element that refers to nothing outside itself, as the figures/ files make them. */
  readonly svg: string;
  /** Plain text. */
  readonly caption: string;
}

/** A table. */
export interface ReportTable {
  /** The head, one cell per column. */
  readonly columns: readonly string[];
  /** Rows from the top, each with one cell per column. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A part of a report. */
export interface ReportSection {
  /** Its heading. */
  readonly title: string;
  /** Plain text; an empty line begins a new paragraph. */
  readonly text?: string;
  /** Shown below the text. */
  readonly figures?: readonly Figure[];
  /** Shown below the figures. */
  readonly table?: ReportTable;
}

/** A page. */
export interface Report {
  /** The heading of the page. */
  readonly title: string;
  /** The line below it. */
  readonly subtitle?: string;
  /** Reasons to doubt what it shows, above all sections. */
  readonly warnings?: readonly string[];
  /** In order. */
  readonly sections: readonly ReportSection[];
  /** The last line, such as the version that made it. */
  readonly footer?: string;
}

/**
 * The report as the text of an HTML page. Titles, texts, captions and cells are escaped; the page
 * forbids scripts and every outside resource. Throws SurmiseError for a figure that is no
 * self-contained SVG and for a table row of the wrong length.
 */
export function reportHtml(report: Report): string {
  checkArguments("reportHtml", { report }, objectWith({ title: TEXT, sections: listOf(OBJECT) }));
  const { title, subtitle, warnings = [], sections, footer } = report;
  const body = sections.map((section, at) => sectionHtml(section, at + 1));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeText(title)}</h1>
${optional(subtitle, (text) => `<p>${escapeText(text)}</p>`)}
${warnings.map((text) => `<p class="warning">${escapeText(text)}</p>`).join("\n")}
</header>
<main>
${body.join("\n")}
</main>
${optional(footer, (text) => `<footer>${paragraphs(text)}</footer>`)}
</body>
</html>
`;
}

function sectionHtml({ title, text, figures = [], table }: ReportSection, number: number): string {
  const drawings = figures.map((figure, at) => figureHtml(figure, `s${number}f${at + 1}-`));
  return `<section>
<h2>${escapeText(title)}</h2>
${optional(text, paragraphs)}
${drawings.length > 0 ? `<div class="figures">\n${drawings.join("\n")}\n</div>` : ""}
${table ? tableHtml(title, table) : ""}
</section>`;
}

function figureHtml({ svg, caption }: Figure, prefix: string): string {
  if (!standsAlone(svg)) {
    throw new SurmiseError(
      `figure '${caption}' is not an SVG that stands alone: no scripts and no links to other files`,
    );
  }
  return `<figure>
<div class="card">${named(withLocalIds(svg, prefix), caption)}</div>
<figcaption>${escapeText(caption)}</figcaption>
</figure>`;
}

/** With the caption as the accessible name of the picture. */
function named(svg: string, caption: string): string {
  if (/^<svg[^>]*\saria-label=/.test(svg)) return svg;
  return svg.replace(/^<svg/, `<svg role="img" aria-label="${escapeText(caption)}"`);
}

/** Whether `svg` is an SVG element without scripts, foreign content and links to other files. */
function standsAlone(svg: string): boolean {
  const tags = svg.match(/<[a-z](?:"[^"]*"|'[^']*'|[^>"'])*>/gi) ?? [];
  const isLink = /^(?:xlink:)?(?:href|src)$/i;
  return (
    svg.startsWith("<svg") &&
    tags.every((tag) => {
      const attributes = [...tag.matchAll(/([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)/g)];
      const links = attributes.filter(([, name]) => isLink.test(name));
      return (
        !/^<(?:script|foreignObject)\b/i.test(tag) &&
        links.every(([, , target]) => /^["']?(?:#|data:)/.test(target))
      );
    })
  );
}

function tableHtml(section: string, { columns, rows }: ReportTable): string {
  const odd = rows.findIndex((row) => row.length !== columns.length);
  if (odd >= 0) {
    throw new SurmiseError(
      `section '${section}': row ${odd + 1} of the table has ${rows[odd].length} cells ` +
        `for ${columns.length} columns (${columns.join(", ")})`,
    );
  }
  const kinds = columns.map((_, at) =>
    rows.length > 0 && rows.every((row) => isNumeric(row[at])) ? ` class="number"` : "",
  );
  const head = columns.map((name, at) => `<th scope="col"${kinds[at]}>${escapeText(name)}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, at) => `<td${kinds[at]}>${escapeText(shownAs(cell))}</td>`);
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<div class="table"><table>
<thead><tr>${head.join("")}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table></div>`;
}

/** A number, or text that reads like one: "-86.3 ± 0.2", "12 %", "" and "–" for none. */
export function isNumeric(cell: string | number): boolean {
  return typeof cell === "number" || /^([-+−]?[\d.,]+(e[-+]?\d+)?( ?[±(%].*)?|[-–—]?)$/i.test(cell);
}

/** Six significant digits at most. */
function shownAs(cell: string | number): string {
  return typeof cell === "number" ? String(Number(cell.toPrecision(6))) : cell;
}

function paragraphs(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => `<p>${escapeText(paragraph.trim())}</p>`)
    .join("\n");
}

function optional(text: string | undefined, show: (text: string) => string): string {
  return text === undefined || text === "" ? "" : show(text);
}

/** Even text that slipped through the escaping could neither run nor fetch anything. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const STYLE = `
:root { --ink: #1f2328; --faint: #57606a; --page: #f6f8fa; --line: #d0d7de; --sheet: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --faint: #9da7b1; --page: #0d1117; --line: #30363d; --sheet: #161b22; }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 3rem; max-width: 68rem;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  color: var(--ink); background: var(--page); overflow-wrap: break-word;
}
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
header p { margin: .4rem 0 0; color: var(--faint); }
header .warning {
  margin-top: .8rem; padding: .5rem .8rem; color: var(--ink); background: var(--sheet);
  border: 1px solid var(--line); border-left: 4px solid #d55e00; border-radius: 6px;
}
section { margin-top: 2.25rem; }
h2 { margin: 0 0 .6rem; padding-bottom: .3rem; font-size: 1.2rem; border-bottom: 1px solid var(--line); }
p { margin: 0 0 .8rem; max-width: 46rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1.25rem; align-items: flex-start; }
figure { margin: 0; max-width: 100%; width: min-content; min-width: min(100%, 18rem); }
.card {
  padding: .6rem; width: max-content; max-width: 100%;
  background: #ffffff; border: 1px solid var(--line); border-radius: 6px;
}
.card svg { display: block; max-width: 100%; height: auto; }
figcaption { margin-top: .4rem; font-size: .875rem; color: var(--faint); }
.table { margin-top: .8rem; overflow-x: auto; }
table { border-collapse: collapse; font-size: .925rem; background: var(--sheet); }
th, td { padding: .35rem .6rem; text-align: left; border-bottom: 1px solid var(--line); }
th { font-weight: 600; border-bottom-width: 2px; vertical-align: bottom; }
td { font-variant-numeric: tabular-nums; vertical-align: top; }
.number { text-align: right; }
td.number { white-space: nowrap; }
footer { margin-top: 3rem; padding-top: .75rem; border-top: 1px solid var(--line); }
footer p { margin: 0 0 .3rem; font-size: .825rem; color: var(--faint); }
@media (max-width: 40rem) {
  body { padding: 1.25rem .75rem 2rem; }
  h1 { font-size: 1.4rem; }
  .card { padding: .25rem; }
}
@media print {
  :root { --ink: #000000; --faint: #444444; --page: #ffffff; --line: #bbbbbb; --sheet: #ffffff; }
  body { padding: 0; max-width: none; font-size: 10.5pt; }
  h2 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  .figures { gap: .8rem; }
  figure { min-width: 0; max-width: calc(50% - .4rem); }
}
`;

/** All settings of a run, as a table. */
export function settingsSection(config: object): ReportSection {
  checkArguments("settingsSection", { config }, OBJECT);
  return {
    title: "Settings",
    table: {
      columns: ["setting", "value"],
      rows: Object.entries(config).map(([name, value]) => [name, String(value)]),
    },
  };
}
