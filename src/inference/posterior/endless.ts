/** Whether a posterior under improper priors ends: where it does not, draws of a guide look as if it did. */
import type { LogDensity } from "../density/logDensity.ts";
import { positionsOf } from "./positions.ts";
import type { PosteriorDraws } from "./posteriorDraws.ts";

/** How far it is looked, in standard deviations of the draws. */
const FAR = 10;
/** A density that falls by less from there on than one over the distance has no finite integral. */
const LEAST_FALL = Math.log(FAR);

/**
 * The first latent with an improper prior along which the log density hardly falls, ten standard deviations of the draws from
 * their mean, the others following as they do among the draws; undefined where there is none, or where it cannot be told.
 */
export function endlessLatent(density: LogDensity, samples: PosteriorDraws): string | undefined {
  const { latents } = density.trace;
  const flat = new Set(latents.filter((x) => x.distribution.improper).map(({ name }) => name));
  if (flat.size === 0) return undefined;
  const positions = positionsOf(density, samples);
  const mean = meanOf(positions, density.dimension);
  const centre = density.value(mean);
  for (const { name, offset, size } of density.sites) {
    if (!flat.has(name)) continue;
    for (let element = offset; element < offset + size; element++) {
      const direction = directionAlong(element, positions, mean);
      for (const far of [FAR, -FAR]) {
        const there = density.value(mean.map((x, i) => x + far * direction[i]));
        if (centre - there < LEAST_FALL) return name;
      }
    }
  }
  return undefined;
}

function meanOf(positions: readonly Float64Array[], dimension: number): Float64Array {
  const mean = new Float64Array(dimension);
  for (const x of positions) for (let i = 0; i < dimension; i++) mean[i] += x[i] / positions.length;
  return mean;
}

/** How all elements go, on average over the draws, while one goes by a standard deviation of its own. */
function directionAlong(
  element: number,
  positions: readonly Float64Array[],
  mean: Float64Array,
): Float64Array {
  const products = new Float64Array(mean.length);
  for (const x of positions) {
    const away = x[element] - mean[element];
    for (let i = 0; i < mean.length; i++)
      products[i] += (away * (x[i] - mean[i])) / positions.length;
  }
  const sd = Math.sqrt(products[element]);
  return products.map((product) => product / sd);
}
