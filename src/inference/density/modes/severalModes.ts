/** The modes of a posterior, where it has several. */

import type { Initialisation } from "../../guides/initialisation.ts";
import { cholesky, dot, solve } from "../../linear.ts";
import type { LogDensity } from "../logDensity.ts";
import { type NormalApproximation, pathfinder } from "../pathfinder.ts";
import type { SiteValue } from "../programs/siteValues.ts";
import { type Beginning, beginningOf, finiteStarts, priorStarts } from "./beginning.ts";
import { type AscentPoint, ascent } from "./lbfgs.ts";
import { newtonMode, normalAtMode } from "./newton.ts";

/** Values of latents by site, row-major over plates and event axes. */
type Values = Readonly<Record<string, Pick<SiteValue, "axes" | "data">>>;

/** A mode of a posterior that has others. */
export interface ModeOfSeveral {
  /** Where it is. */
  readonly values: Values;
  /** About its share of the posterior, by the bounds of normals at the modes. */
  readonly share: number;
  /** The mean of a normal there, in unconstrained space. */
  readonly mean: Float64Array;
  /** The covariance of that normal, row-major. */
  readonly covariance: Float64Array;
}

/** Two modes or more, far from one another: that with the largest share first. */
export type Modes = readonly ModeOfSeveral[];

/** A normal in units of the priors, with its bound. */
interface Known {
  readonly normal: Pick<NormalApproximation, "mean" | "covariance">;
  readonly elbo: number;
}

/** Further ascents from around the locations of the priors, and as many from draws where priors depend on other latents. */
const ASCENTS = 8;
/** Iterations of each at most: one that takes more is on its way to where the density has no maximum. */
const ITERATIONS = 200;
/** Numbers of a position at most, as each ascent ends with Newton steps. */
const MOST_NUMBERS = 60;
/** In standard deviations of the normal: what is nearer is the same mode. */
const APART = 5;
/** The least share of the posterior. */
const LEAST_SHARE = 0.02;

/**
 * The modes among `known` and those that a few ascents end at which hold a share that matters, if there are several. Each
 * has the better of the normal by its curvature and that of the ascent to it, as `known` has, so that bounds can be
 * compared.
 */
export function modesOf(
  density: LogDensity,
  beginning: Beginning,
  known: Known,
): Modes | undefined {
  const { scaled, scales, noise } = beginning;
  const { dimension } = scaled;
  if (dimension > MOST_NUMBERS) return undefined;
  const found: Known[] = [known];
  const near: ((position: Float64Array) => boolean)[] = [];
  const isFromDraws = density.children.size > 0 || density.summedOut.length > 0;
  const starts = [
    ...finiteStarts(beginning, ASCENTS + 1).slice(1),
    ...(isFromDraws ? priorStarts(density, beginning, ASCENTS) : []),
  ];
  for (const start of starts) {
    const end = endOf(ascent(scaled, start));
    if (end === undefined || near.some((isNear) => isNear(end.position))) continue;
    const mode = newtonMode(scaled, end);
    if (mode === undefined) continue;
    const there = normalAtMode(scaled, mode, noise);
    const isFarFrom = farFrom(there);
    near.push((position) => !isFarFrom(position));
    const { best = there } = pathfinder(scaled, start, noise);
    found.push(best.elbo > there.elbo ? best : there);
  }
  const apart: { readonly mode: Known; readonly isFar: (position: Float64Array) => boolean }[] = [];
  for (const mode of found.sort((a, b) => b.elbo - a.elbo)) {
    const { normal, elbo } = mode;
    if (!Number.isFinite(elbo) || !apart.every(({ isFar }) => isFar(normal.mean))) continue;
    apart.push({ mode, isFar: farFrom(mode) });
  }
  const [best] = apart;
  const weights = apart.map(({ mode }) => Math.exp(mode.elbo - best.mode.elbo));
  const total = weights.reduce((a, b) => a + b, 0);
  const modes = apart.flatMap(({ mode: { normal } }, k) => {
    const share = weights[k] / total;
    if (share < LEAST_SHARE) return [];
    const mean = scaled.unscaled(normal.mean);
    const covariance = normal
      .covariance()
      .map((x, at) => x * scales[Math.floor(at / dimension)] * scales[at % dimension]);
    return [{ values: density.constrain(mean), share, mean, covariance }];
  });
  return modes.length < 2 ? undefined : modes;
}

/**
 * The mode that a position of `density` is near to, and others, as `modesOf`; none where latents are held at values.
 *
 * @param initial where searches begin, from the priors
 */
export function modesNear(
  density: LogDensity,
  initial: () => ReadonlyMap<string, Initialisation>,
  position: Float64Array,
): Modes | undefined {
  const { dimension, held } = density;
  if (dimension === 0 || dimension > MOST_NUMBERS || held.size > 0) return undefined;
  const beginning = beginningOf(density, initial());
  const { scaled, location, scales, noise } = beginning;
  const here = newtonMode(scaled, scaled.at(position.map((x, i) => (x - location[i]) / scales[i])));
  if (here === undefined) return undefined;
  const known = normalAtMode(scaled, here, noise);
  return modesOf(density, beginning, known);
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
