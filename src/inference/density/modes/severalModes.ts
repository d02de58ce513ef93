/** The modes of a posterior, where it has several. */

import { cholesky, dot, solveTriangle } from "../../statistics/linear.ts";
import type { Initialisation } from "../initialisation.ts";
import type { LogDensity } from "../logDensity.ts";
import { type NormalApproximation, pathfinder } from "../pathfinder.ts";
import type { SiteValue } from "../programs/siteValues.ts";
import { type Beginning, beginningOf } from "./beginning.ts";
import { type AscentPoint, ascent, type ScaledDensity } from "./lbfgs.ts";
import { MOST_ROWS } from "./mode.ts";
import { isLevel, newtonMode, normalAtMode } from "./newton.ts";
import { areOneMode, FEW_NUMBERS, followed, type Search, searchesOf } from "./searches.ts";
import { atOnce, type Turns } from "./turns.ts";

/** Values of latents by site, row-major over plates and event axes. */
type Values = Readonly<Record<string, Pick<SiteValue, "axes" | "data">>>;

/** A mode of a posterior that has others. */
export interface ModeOfSeveral {
  /** Where it is. */
  readonly values: Values;
  /** About its share of the posterior, by the bounds of normals at the modes. */
  readonly share: number;
  /** Whether its share is too small to move what is said of the posterior: so may be the one that was known. */
  readonly isMinor: boolean;
  /** The mean of a normal there, in unconstrained space. */
  readonly mean: Float64Array;
  /** The covariance of that normal, row-major. */
  readonly covariance: Float64Array;
}

/**
 * Two modes or more, far from one another: that with the largest share first. The one that was known is among them,
 * whatever its share.
 */
export type Modes = readonly ModeOfSeveral[];

/** A normal in units of the priors, with its bound. */
interface Known {
  readonly normal: Pick<NormalApproximation, "mean" | "covariance">;
  readonly elbo: number;
}

/** Modes that are looked at, of few numbers and of more: a Hessian and a path of bounds each. */
const [MOST_MET, MOST_MET_OF_MANY] = [16, 8];
/** In standard deviations of the normal: what is nearer is the same mode. */
const APART = 5;
/** On the way between two modes the density falls by so many nats, as between normals 5 standard deviations apart. */
const BARRIER = 3;
/** Points on the way. */
const BETWEEN = 15;
/** The least share of the posterior; and of a mode so far off that it moves a mean, or makes a variance larger, by so much. */
const [LEAST_SHARE, LEAST_FAR_SHARE, LEAST_INFLUENCE] = [0.02, 1e-4, 0.5];

/**
 * The modes among `known` and those that a few ascents end at which hold a share that matters, if there are several. Each
 * has the better of the normal by its curvature and that of the ascent to it, as `known` has, so that bounds can be
 * compared.
 */
export function* modesOf(
  density: LogDensity,
  beginning: Beginning,
  known: Known,
  given?: readonly Search[],
): Turns<Modes | undefined> {
  const { scaled, scales, noise } = beginning;
  const { dimension } = scaled;
  if (dimension > MOST_ROWS) return undefined;
  const searches = given ?? (yield* searchesOf(density, beginning));
  let first = metAt(known, scaled.at(known.normal.mean));
  const others: Met[] = [];
  const elsewhere = searches.filter(({ end }) => isApart(scaled, first, end));
  const wayToFirst = searches.find((search) => !elsewhere.includes(search))?.start;
  let left = dimension > FEW_NUMBERS ? MOST_MET_OF_MANY : MOST_MET;
  for (const { start, end } of elsewhere.sort((a, b) => b.end.value - a.end.value)) {
    if (left === 0) break;
    if (!others.every((one) => isApart(scaled, one, end))) continue;
    left--;
    const there = yield* normalFrom(beginning, start, end);
    if (there !== undefined) others.push(metAt(there, end));
  }
  if (others.length === 0) return undefined;
  // `known` may be that by the curvature alone.
  const along = wayToFirst && (yield* pathfinder(scaled, wayToFirst, noise)).best;
  if (along !== undefined && along.elbo > first.elbo) first = metAt(along, first.point);
  const several: Met[] = [];
  const finite = [first, ...others].filter(({ elbo }) => Number.isFinite(elbo));
  for (const one of finite.sort((a, b) => b.elbo - a.elbo)) {
    if (several.every((other) => isApart(scaled, other, one.point))) several.push(one);
  }
  if (several.length < 2) return undefined;
  const [best] = several;
  const weights = several.map(({ elbo }) => Math.exp(elbo - best.elbo));
  const total = weights.reduce((a, b) => a + b, 0);
  const modes = several.flatMap((one, k) => {
    const { normal, point } = one;
    const share = weights[k] / total;
    const isMinor = !matters(share, best, point.position);
    if (isMinor && one !== first) return [];
    const mean = scaled.unscaled(normal.mean);
    const covariance = normal
      .covariance()
      .map((x, at) => x * scales[Math.floor(at / dimension)] * scales[at % dimension]);
    return [{ values: density.constrain(mean), share, isMinor, mean, covariance }];
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
  if (dimension === 0 || dimension > MOST_ROWS || held.size > 0) return undefined;
  const beginning = beginningOf(density, initial());
  const { scaled, location, scales } = beginning;
  const start = scaled.at(position.map((x, i) => (x - location[i]) / scales[i]));
  const searches = atOnce(searchesOf(density, beginning));
  const { last: nearest = start, isEnd } = followed(ascent(scaled, start));
  // Hessians and bounds of paths take far longer than ascents, and mostly there is one mode.
  if (searches.every((search) => areOneMode(scaled, search.end, nearest))) return undefined;
  const end = dimension <= FEW_NUMBERS ? start : isEnd ? nearest : undefined;
  const known = end && atOnce(normalFrom(beginning, start, end));
  return known && atOnce(modesOf(density, beginning, known, searches));
}

/** The better normal of that by the curvature at a mode and that of the ascent to it. */
function* normalFrom(
  { scaled, noise }: Beginning,
  start: AscentPoint,
  end: AscentPoint,
): Turns<Known | undefined> {
  if (scaled.dimension > FEW_NUMBERS && !isLevel(end)) return undefined;
  const mode = yield* newtonMode(scaled, end);
  if (mode === undefined) return undefined;
  const there = normalAtMode(scaled, mode, noise);
  const { best = there } = yield* pathfinder(scaled, start, noise);
  return best.elbo > there.elbo ? best : there;
}

/** A mode that was met, with a point at it. */
interface Met extends Known {
  readonly point: AscentPoint;
  /** The squared distance of a position, in standard deviations of the normal; 0 if that has no covariance. */
  squaredDistance(position: Float64Array): number;
}

function metAt(known: Known, point: AscentPoint): Met {
  const { mean } = known.normal;
  const root = cholesky(known.normal.covariance(), mean.length);
  return {
    ...known,
    point,
    squaredDistance(position) {
      if (root === undefined) return 0;
      const apart = solveTriangle(
        root,
        position.map((x, i) => x - mean[i]),
      );
      return dot(apart, apart);
    },
  };
}

/** Whether a point is at another mode: far away, and behind a barrier. */
function isApart(scaled: ScaledDensity, known: Met, { position, value }: AscentPoint): boolean {
  if (!(known.squaredDistance(position) > APART ** 2)) return false;
  const least = Math.min(value, known.point.value) - BARRIER;
  for (let k = 1; k <= BETWEEN; k++) {
    const share = k / (BETWEEN + 1);
    const on = known.point.position.map((x, i) => x + share * (position[i] - x));
    if (!(scaled.at(on).value >= least)) return true;
  }
  return false;
}

/** Whether a mode holds a share of the posterior that moves what is said of it. */
function matters(share: number, best: Met, position: Float64Array): boolean {
  if (share >= LEAST_SHARE) return true;
  return share >= LEAST_FAR_SHARE && share * best.squaredDistance(position) >= LEAST_INFLUENCE;
}
