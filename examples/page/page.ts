/** A page that samples: a table is edited, its posterior drawn beside it, and the page stays responsive meanwhile. */
import { drawLines, type Lines } from "./line.ts";

const element = <Kind extends Element>(name: string) => document.querySelector(name) as Kind;
const table = element<HTMLTextAreaElement>("textarea");
const status = element<HTMLOutputElement>("output");
const picture = element<SVGSVGElement>("svg");
const summary = element<HTMLTableSectionElement>("tbody");

let stop = new AbortController();

async function draw(): Promise<void> {
  stop.abort();
  stop = new AbortController();
  const { signal } = stop;
  const start = performance.now();
  try {
    const found = await drawLines(table.value, {
      signal,
      onProgress: ({ step }) => {
        status.value = `${step} transitions of each chain`;
      },
    });
    if (signal.aborted) return;
    show(found);
    status.value = `4 chains of 1000 draws in ${Math.round(performance.now() - start)} ms`;
  } catch (error) {
    if (!signal.aborted) status.value = (error as Error).message;
  }
}

function show({ rows, lines }: Lines): void {
  summary.replaceChildren(
    ...rows.map(({ name, mean, sd }) => {
      const row = document.createElement("tr");
      for (const text of [name, mean.toFixed(3), sd.toFixed(3)])
        row.insertCell().textContent = text;
      return row;
    }),
  );
  const points = table.value
    .trim()
    .split("\n")
    .slice(1)
    .map((text) => text.split(",").map(Number));
  const [xs, ys] = [0, 1].map((at) => points.map((point) => point[at]));
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const across = (x: number) => 30 + (340 * (x - left)) / (right - left || 1);
  const up = (y: number) => 270 - (240 * (y - low)) / (high - low || 1);
  picture.replaceChildren(
    ...lines.map(([level, slope]) => {
      const [from, to] = [left, right].map((x) => up(level + slope * x));
      return shape("line", { x1: across(left), y1: from, x2: across(right), y2: to });
    }),
    ...points.map(([x, y]) => shape("circle", { cx: across(x), cy: up(y), r: 4 })),
  );
}

function shape(name: string, attributes: Readonly<Record<string, number>>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

table.addEventListener("input", draw);
draw();
