/** In what units the real numbers of a data set are. */
import { checkArguments, NUMBERS, wholeNumber } from "../../tensor/internal.ts";

/** What is to be known of the numbers of a data set. */
export interface Units {
  /** Their mean, for each place of an image. */
  readonly mean: Float32Array;
  /** Their standard deviation, for each place of an image, at least `LEAST_SHARE` of the largest of them. */
  readonly sd: Float32Array;
  /** The least of all. */
  readonly low: number;
  /** The largest; above the least, also if they are all the same. */
  readonly high: number;
}

/** A place that is always nearly the same is none that has a density as high as one likes. */
const LEAST_SHARE = 1e-3;

/** The units of images with so many places, one after the other. */
export function unitsOf(values: Float32Array, places: number): Units {
  checkArguments("unitsOf", { values }, NUMBERS);
  wholeNumber("unitsOf: places", places, { least: 1 });
  const count = values.length / places;
  const moment = (of: (x: number, place: number) => number) => {
    const sums = new Float64Array(places);
    for (let i = 0; i < values.length; i++) sums[i % places] += of(values[i], i % places);
    return sums.map((x) => x / count);
  };
  const mean = moment((x) => x);
  const sd = moment((x, place) => (x - mean[place]) ** 2).map(Math.sqrt);
  const least = LEAST_SHARE * sd.reduce((a, b) => Math.max(a, b)) || 1;
  const { low, high } = rangeOf(values);
  return {
    ...{ low, high },
    mean: Float32Array.from(mean),
    sd: Float32Array.from(sd, (x) => Math.max(x, least)),
  };
}

/** The least and the largest, which is above the least also if all are the same. */
export function rangeOf(values: Float32Array): Pick<Units, "low" | "high"> {
  checkArguments("rangeOf", { values }, NUMBERS);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const x of values) [low, high] = [Math.min(low, x), Math.max(high, x)];
  return { low, high: high > low ? high : low + 1 };
}
