/** What draws say about each element of each site. */
import type { DiscreteValues } from "../../model/internal.ts";
import {
  AXIS,
  checkArguments,
  labelsAt,
  listOf,
  NUMBERS,
  objectWith,
  recordOf,
  SurmiseError,
  sizeOf,
  TEXT,
  wholeNumber,
} from "../../tensor/internal.ts";
import type { PosteriorDraws } from "../posterior/posteriorDraws.ts";
import { CALL_SECONDS, nextTurn } from "../process/loop.ts";
import { quantileOf } from "../statistics/quantile.ts";
import { ascendingOf } from "../statistics/ranks.ts";
import { type Worth, worthOf } from "./worth.ts";

/** One element of one site. */
export interface Summary extends Worth {
  /** The name of the site. */
  readonly site: string;
  /** The labels, or places, of the element along the axes of the site; empty for a scalar. */
  readonly element: readonly string[];
  /** The mean of the draws. Like all that follows, of those that are finite. */
  readonly mean: number;
  /** With n - 1; 0 for a single draw. */
  readonly sd: number;
  /** The 5% quantile. */
  readonly q5: number;
  /** The 50% quantile. */
  readonly median: number;
  /** The 95% quantile. */
  readonly q95: number;
  /**
   * Of a discrete latent: the probability of each of its values, by label, in their order. Moments and quantiles are
   * those of the value as a number, which means little for kinds.
   */
  readonly probabilities?: Readonly<Record<string, number>>;
  /** How many draws are infinite or not a number, if there are any. */
  readonly notFinite?: number;
}

/** A row for each element of each site, in the order of the model. */
export function summarise(samples: PosteriorDraws): Summary[] {
  return [...rowsOf(samples)];
}

/** `summarise`, which gives other work its turn and tells the share of the rows that is done, from 0 to 1. */
export async function summarising(
  samples: PosteriorDraws,
  onProgress: (share: number) => void = () => {},
): Promise<Summary[]> {
  const all = Object.values(samples.sites).reduce((count, { axes }) => count + sizeOf(axes), 0);
  const rows: Summary[] = [];
  let since = performance.now();
  for (const row of rowsOf(samples)) {
    rows.push(row);
    if (performance.now() - since < 1000 * CALL_SECONDS) continue;
    onProgress(rows.length / all);
    await nextTurn();
    since = performance.now();
  }
  return rows;
}

function* rowsOf(samples: PosteriorDraws): Generator<Summary> {
  checkArguments(
    "summarise",
    { samples },
    objectWith({
      sites: recordOf(objectWith({ axes: listOf(AXIS), data: NUMBERS })),
    }),
  );
  const { draws, sites } = samples;
  wholeNumber("summarise: draws", draws, { least: 1 });
  for (const [site, { axes, data, values: discrete }] of Object.entries(sites)) {
    const size = sizeOf(axes);
    checkCount("summarise", site, data, draws * size);
    for (let at = 0; at < size; at++) {
      const all = new Float64Array(draws);
      for (let d = 0; d < draws; d++) all[d] = data[d * size + at];
      const ascending = ascendingOf(all.every(Number.isFinite) ? all : all.filter(Number.isFinite));
      const { values } = ascending;
      const notFinite = draws - values.length;
      yield {
        site,
        element: labelsAt(axes, at),
        ...moments(values),
        q5: quantileOf(values, 0.05),
        median: quantileOf(values, 0.5),
        q95: quantileOf(values, 0.95),
        ...(discrete && { probabilities: sharesOf(values, discrete) }),
        ...(notFinite > 0 ? { notFinite } : worthOf(all, ascending, samples)),
      };
    }
  }
}

/** @throws SurmiseError unless a site has so many numbers. */
export function checkCount(
  caller: string,
  site: string,
  { length }: ArrayLike<number>,
  count: number,
): void {
  if (length === count) return;
  throw new SurmiseError(
    `${caller}: '${site}' has ${length} numbers, where by its axes and the number of draws there would be ${count}: hand ` +
      "over draws, log likelihoods and observations as they were made, of one model and its data",
  );
}

/** How often each value was drawn, by label. */
function sharesOf(
  drawn: Float64Array,
  { first, labels }: DiscreteValues,
): Readonly<Record<string, number>> {
  const counts = new Float64Array(labels.length);
  for (const x of drawn) counts[x - first]++;
  return Object.fromEntries(labels.map((label, k) => [label, counts[k] / drawn.length]));
}

/**
 * What people should know of values that are not finite, such as `log(z)` where some draws of z are negative:
 * a sentence for each site that has some.
 */
export function describeNotFinite(rows: readonly Summary[], draws: number): string[] {
  const count = ({ notFinite = 0 }: Summary) => notFinite;
  const bad = rows.filter((row) => count(row) > 0);
  return [...new Set(bad.map(({ site }) => site))].map((name) => {
    const [worst, ...others] = bad
      .filter(({ site }) => site === name)
      .sort((a, b) => count(b) - count(a));
    const more = others.length > 0 ? ` (in fewer at ${others.length} more of its elements)` : "";
    return (
      `'${nameOf(worst)}' is infinite or not a number in ${count(worst)} of ${draws} draws${more}: mean, ` +
      "sd and quantiles are those of the others"
    );
  });
}

/** Mean and standard deviation of ascending finite values, of whatever size; NaN where there are none. */
export function moments(values: Float64Array) {
  const { length } = values;
  // Around one of them: exact where all are equal, and far from 0. In units of about the largest
  // distance: no square is too large or too small.
  const origin = values[length >> 1] ?? Number.NaN;
  const quarter = Math.max(origin / 4 - values[0] / 4, values[length - 1] / 4 - origin / 4);
  const unit = quarter > 0 ? 2 ** Math.floor(Math.log2(quarter)) : 1;
  const at = origin / unit;
  let sum = 0;
  for (const x of values) sum += x / unit - at;
  const mean = sum / length;
  let squares = 0;
  for (const x of values) squares += (x / unit - at - mean) ** 2;
  return {
    mean: unit * (at + mean),
    sd: length === 0 ? Number.NaN : unit * Math.sqrt(squares / Math.max(1, length - 1)),
  };
}

/** `theta[Choate]`, `z[7,drama]`, `mean`. */
export function nameOf(row: Pick<Summary, "site" | "element">): string {
  checkArguments("nameOf", { row }, objectWith({ site: TEXT, element: listOf(TEXT) }));
  const { site, element } = row;
  return element.length === 0 ? site : `${site}[${element.join(",")}]`;
}
