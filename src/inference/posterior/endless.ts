/** Whether a posterior under improper priors ends: where it does not, draws of a guide look as if it did. */
import type { LogDensity } from "../density/logDensity.ts";
import { ascent, scaledDensity } from "../density/modes/lbfgs.ts";
import { positionsOf } from "./positions.ts";
import type { PosteriorDraws } from "./posteriorDraws.ts";

/** How far it is looked, in standard deviations of the draws. */
const FAR = 10;
/** A density that falls by less from there on than one over the distance has no finite integral. */
const LEAST_FALL = Math.log(FAR);

/** Steps of an ascent at most. */
const MOST_STEPS = 30;
/** Operations that ascents take at most: some seconds. */
const MOST_OPERATIONS = 1e9;

/**
 * The first latent with an improper prior along which the log density hardly falls, ten standard deviations of the draws from
 * their mean, the others following as they do among the draws, or hardly changes, these being where it is largest (profile
 * likelihood: draws of chains that barely move do not say how others follow). Undefined where there is none, or where it
 * cannot be told.
 */
export function endlessLatent(density: LogDensity, samples: PosteriorDraws): string | undefined {
  const { latents } = density.trace;
  const flat = new Set(latents.filter((x) => x.distribution.improper).map(({ name }) => name));
  if (flat.size === 0) return undefined;
  const positions = positionsOf(density, samples);
  const mean = meanOf(positions, density.dimension);
  const isQuick = 3 * MOST_STEPS * density.dimension * density.operations < MOST_OPERATIONS;
  for (const { name, offset, size } of density.sites) {
    if (!flat.has(name)) continue;
    for (let element = offset; element < offset + size; element++) {
      const direction = directionAlong(element, positions, mean);
      const [centre, ...ends] = [0, FAR, -FAR].map((far) =>
        mean.map((x, i) => x + far * direction[i]),
      );
      const value = density.value(centre);
      if (ends.some((there) => value - density.value(there) < LEAST_FALL)) return name;
      if (!isQuick) continue;
      const scales = scalesGiven(element, direction, positions, mean);
      const most = profileAt(density, centre, scales);
      if (ends.some((there) => Math.abs(most - profileAt(density, there, scales)) < LEAST_FALL))
        return name;
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

/** The standard deviations that are left when an element is known, along `direction`; 0 of that element. */
function scalesGiven(
  element: number,
  direction: Float64Array,
  positions: readonly Float64Array[],
  mean: Float64Array,
): Float64Array {
  return mean.map((centre, i) => {
    if (i === element) return 0;
    const squares = positions.reduce((total, x) => {
      const along = (x[element] - mean[element]) / direction[element];
      return total + (x[i] - centre - along * direction[i]) ** 2;
    }, 0);
    return Math.sqrt(squares / positions.length);
  });
}

/** The log density where an ascent in units of `scales` leads from a position; what has scale 0 stays. */
function profileAt(density: LogDensity, from: Float64Array, scales: Float64Array): number {
  const scaled = scaledDensity(density, from, scales);
  const start = scaled.at(new Float64Array(density.dimension));
  let { value } = start;
  let steps = 0;
  for (const point of ascent(scaled, start)) {
    value = point.value;
    if (steps++ === MOST_STEPS) break;
  }
  return value;
}
