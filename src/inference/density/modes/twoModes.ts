/** Whether a posterior has another mode than the one that an approximation is at. */

import type { Initialisation } from "../../guides/initialisation.ts";
import { cholesky, dot, solve } from "../../linear.ts";
import type { LogDensity } from "../logDensity.ts";
import type { NormalApproximation } from "../pathfinder.ts";
import type { SiteValue } from "../programs/siteValues.ts";
import { type Beginning, beginningOf, finiteStarts } from "./beginning.ts";
import { type AscentPoint, ascent } from "./lbfgs.ts";
import { newtonMode, normalAtMode } from "./newton.ts";

/** Values of latents by site, row-major over plates and event axes. */
type Values = Readonly<Record<string, Pick<SiteValue, "axes" | "data">>>;

/** Two modes of a posterior, far from each other. */
export interface TwoModes {
  /** Where the one with the larger share is, and where the other is. */
  readonly values: readonly [Values, Values];
  /** About the share of the posterior of the other, by the bounds of normals at both: from 0 to 1 / 2. */
  readonly share: number;
}

/** A normal in units of the priors, with its bound. */
interface Known {
  readonly normal: Pick<NormalApproximation, "mean" | "covariance">;
  readonly elbo: number;
}

/** Further ascents, from around the locations of the priors. */
const ASCENTS = 8;
/** Iterations of each at most: one that takes more is on its way to where the density has no maximum. */
const ITERATIONS = 200;
/** Numbers of a position at most, as each ascent ends with Newton steps. */
const MOST_NUMBERS = 60;
/** In standard deviations of the normal: what is nearer is the same mode. */
const APART = 5;
/** The least share of the posterior. */
const LEAST_SHARE = 0.02;

/** The two best modes among `known` and those that a few ascents end at, if the lesser holds a share that matters. */
export function twoModes(
  constrain: LogDensity["constrain"],
  beginning: Beginning,
  known: Known,
): TwoModes | undefined {
  const { scaled, noise } = beginning;
  const { dimension } = scaled;
  if (dimension > MOST_NUMBERS) return undefined;
  const found: Known[] = [known];
  const near: ((position: Float64Array) => boolean)[] = [];
  for (const start of finiteStarts(beginning, ASCENTS + 1).slice(1)) {
    const end = endOf(ascent(scaled, start));
    if (end === undefined || near.some((isNear) => isNear(end.position))) continue;
    const mode = newtonMode(scaled, end);
    if (mode === undefined) continue;
    const there = normalAtMode(scaled, mode, noise);
    const isFarFrom = farFrom(there);
    found.push(there);
    near.push((position) => !isFarFrom(position));
  }
  const most = (among: readonly Known[]) => among.reduce((a, b) => (b.elbo > a.elbo ? b : a));
  const best = most(found);
  const isFar = farFrom(best);
  const others = found.filter(({ normal, elbo }) => Number.isFinite(elbo) && isFar(normal.mean));
  if (others.length === 0) return undefined;
  const other = most(others);
  const share = 1 / (1 + Math.exp(best.elbo - other.elbo));
  if (share < LEAST_SHARE) return undefined;
  const at = ({ normal: { mean } }: Known) => constrain(scaled.unscaled(mean));
  return { values: [at(best), at(other)], share };
}

/**
 * The mode that a position of `density` is near to, and another, as `twoModes`; none where latents are held at values.
 *
 * @param initial where searches begin, from the priors
 */
export function modesNear(
  density: LogDensity,
  initial: () => ReadonlyMap<string, Initialisation>,
  position: Float64Array,
): TwoModes | undefined {
  const { dimension, held } = density;
  if (dimension === 0 || dimension > MOST_NUMBERS || held.size > 0) return undefined;
  const beginning = beginningOf(density, initial());
  const { scaled, location, scales, noise } = beginning;
  const here = newtonMode(scaled, scaled.at(position.map((x, i) => (x - location[i]) / scales[i])));
  if (here === undefined) return undefined;
  const known = normalAtMode(scaled, here, noise);
  return twoModes((at) => density.constrain(at), beginning, known);
}

/** Where an ascent ends, if it does soon. */
function endOf(points: Iterable<AscentPoint>): AscentPoint | undefined {
  let [end, count]: [AscentPoint | undefined, number] = [undefined, 0];
  for (const point of points) {
    if (count++ > ITERATIONS) return undefined;
    end = point;
  }
  return end;
}

/** Whether a position is far from a normal, in its standard deviations; never, if it has no covariance. */
function farFrom({ normal }: Known): (position: Float64Array) => boolean {
  const root = cholesky(normal.covariance(), normal.mean.length);
  return (position) => {
    if (root === undefined) return false;
    const apart = position.map((x, i) => x - normal.mean[i]);
    return dot(apart, solve(root, apart)) > APART ** 2;
  };
}
