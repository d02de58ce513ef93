/** What draws say about each element of each site. */
import { labelsAt, sizeOf } from "../../tensor/internal.ts";
import type { PosteriorDraws } from "../posterior/posteriorDraws.ts";

/** One element of one site. */
export interface Summary {
  /** The name of the site. */
  readonly site: string;
  /** The labels, or places, of the element along the axes of the site; empty for a scalar. */
  readonly element: readonly string[];
  /** The mean of the draws, weighted where they are. */
  readonly mean: number;
  /** With n - 1; 0 for a single draw. */
  readonly sd: number;
  /** The 5% quantile. */
  readonly q5: number;
  /** The 50% quantile. */
  readonly median: number;
  /** The 95% quantile. */
  readonly q95: number;
  /** Where draws were weighted: how many independent ones they are worth. */
  readonly effectiveSampleSize?: number;
}

/** A row for each element of each site, in the order of the model. */
export function summarise({ draws, sites }: PosteriorDraws): Summary[] {
  return Object.entries(sites).flatMap(([site, { axes, data, effectiveSampleSize }]) => {
    const size = sizeOf(axes);
    return Array.from({ length: size }, (_, at) => {
      const values = Float64Array.from({ length: draws }, (_, d) => data[d * size + at]).sort();
      // Around one of them: exact where all are equal, and far from 0.
      const near = values[draws >> 1];
      const origin = Number.isFinite(near) ? near : 0;
      const mean = origin + values.reduce((a, x) => a + (x - origin), 0) / draws;
      const squares = values.reduce((a, x) => a + (x - mean) ** 2, 0);
      return {
        site,
        element: labelsAt(axes, at),
        mean,
        sd: Math.sqrt(squares / Math.max(1, draws - 1)),
        q5: quantile(values, 0.05),
        median: quantile(values, 0.5),
        q95: quantile(values, 0.95),
        ...(effectiveSampleSize && { effectiveSampleSize: effectiveSampleSize[at] }),
      };
    });
  });
}

/** `theta[Choate]`, `z[7,drama]`, `mean`. */
export function nameOf({ site, element }: Pick<Summary, "site" | "element">): string {
  return element.length === 0 ? site : `${site}[${element.join(",")}]`;
}

/** Of ascending values, by linear interpolation (type 7 of Hyndman and Fan, 1996). */
function quantile(values: Float64Array, p: number): number {
  const place = p * (values.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, values.length - 1);
  return values[low] + (place - low) * (values[high] - values[low]);
}
