/** What a posterior says about each site, as pictures. */

import { nameOf, type PosteriorDraws, type Summary } from "../../inference/index.ts";
import { checkArguments, listOf, OBJECT, objectWith } from "../../tensor/internal.ts";
import type { Figure } from "../page.ts";
import { renderChart } from "./drawing/chart.ts";
import { intervalChart } from "./intervals.ts";
import { type ChartAxis, lineChart } from "./lines.ts";

/** More intervals than this do not fit into a figure. */
const MOST_INTERVALS = 40;
/** So many elements at places that are numbers or dates are a curve. */
const FEWEST_OF_CURVE = 13;
/** Single numbers stand in one figure if the largest is no more than so many times as large as another. */
const SAME_SIZE = 10;

/** Figures of single numbers of about one size, and one for each site with axes that it fits into. */
export async function posteriorFigures(
  rows: readonly Summary[],
  draws: PosteriorDraws,
): Promise<Figure[]> {
  checkArguments("posteriorFigures", { rows }, listOf(OBJECT));
  checkArguments("posteriorFigures", { draws }, objectWith({ sites: OBJECT }));
  const { sites } = draws;
  const single = rows.filter(({ element }) => element.length === 0);
  const figures = bySize(single).map((group) => intervals("single numbers", group));
  for (const [site, { axes, data }] of Object.entries(sites)) {
    const own = rows.filter((row) => row.site === site);
    if (axes.length === 0) continue;
    const dates = own.map(({ element }) => dateOf(element[0]));
    const areDates = dates.every(Number.isFinite);
    const places = areDates ? dates : own.map(({ element }) => Number(element[0]));
    const ascending = places.every((x, i) => i === 0 || x > places[i - 1]);
    if (axes.length === 1 && ascending && own.length >= FEWEST_OF_CURVE) {
      const x = { name: axes[0].name, ...placesOf(places, areDates) };
      figures.push(curve(site, x, places, own, !data.every(Number.isInteger)));
    } else if (own.length <= MOST_INTERVALS) {
      figures.push(intervals(site, own));
    }
  }
  return Promise.all(figures);
}

async function intervals(title: string, rows: readonly Summary[]): Promise<Figure> {
  const each = rows.map((row) => ({
    label: row.element.length === 0 ? nameOf(row) : row.element.join(", "),
    low: row.q5,
    middle: row.mean,
    high: row.q95,
  }));
  return {
    svg: await renderChart(intervalChart(title, each)),
    caption: `Posterior of ${title}: mean and central 90% interval.`,
  };
}

/** The means along an axis; of discrete values an interval would say nothing. */
async function curve(
  site: string,
  axis: ChartAxis,
  x: readonly number[],
  rows: readonly Summary[],
  withBand: boolean,
): Promise<Figure> {
  const chart = lineChart({
    title: site,
    x: axis,
    y: { name: site },
    series: [
      {
        name: site,
        x,
        y: rows.map(({ mean }) => mean),
        ...(withBand && {
          band: { low: rows.map(({ q5 }) => q5), high: rows.map(({ q95 }) => q95) },
        }),
      },
    ],
  });
  return {
    svg: await renderChart(chart),
    caption: `Posterior of ${site}: mean${withBand ? " and central 90% interval" : ""} at each ${axis.name}.`,
  };
}

/** The time of a date, such as 2024-05-01 or one with a time of day, in milliseconds; NaN for other labels. */
function dateOf(label: string): number {
  return /^\d{4}-\d\d-\d\d(T|$)/.test(label) ? Date.parse(label) : Number.NaN;
}

/** How the places along an axis read: dates, and years without a comma. */
function placesOf(places: readonly number[], areDates: boolean): Omit<ChartAxis, "name"> {
  if (areDates) return { scale: "time" };
  const areWhole = places.every((at) => Number.isInteger(at) && Math.abs(at) < 1e5);
  return areWhole ? { format: "d" } : {};
}

/** Rows in groups that can be seen on one scale, each in the order given. */
function bySize(rows: readonly Summary[]): Summary[][] {
  const size = ({ q5, q95 }: Summary) => Math.max(Math.abs(q5), Math.abs(q95));
  const groups: Summary[][] = [];
  for (const row of rows) {
    const fitting = groups.find((group) => {
      const sizes = [...group, row].map(size);
      return Math.max(...sizes) <= SAME_SIZE * Math.min(...sizes);
    });
    if (fitting === undefined) groups.push([row]);
    else fitting.push(row);
  }
  return groups;
}
