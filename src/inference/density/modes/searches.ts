/** Ascents that look for modes of a posterior besides one that is known. */
import type { LogDensity } from "../logDensity.ts";
import { type Beginning, finitePoint, finiteStarts, moreNoise, priorStarts } from "./beginning.ts";
import { type AscentPoint, ascent, type ScaledDensity } from "./lbfgs.ts";
import { MOST_ROWS } from "./mode.ts";
import type { Turns } from "./turns.ts";

/** An ascent that ends soon. */
export interface Search {
  /** Where it begins. */
  readonly start: AscentPoint;
  /** Where it ends: about a mode. */
  readonly end: AscentPoint;
}

/**
 * Ascents from around the locations of the priors, of few numbers and of more, and as many from draws where priors
 * depend on other latents.
 */
const [ASCENTS, ASCENTS_OF_MANY] = [8, 4];
/** Half as many begin at once the scales, all at twice: parts that may be exchanged begin in either order. */
const WIDTH = 2;
/** Further ascents at most, where those end at different modes. */
const MORE_ASCENTS = 192;
/** Iterations of each at most: one that takes more is on its way to where the density has no maximum. */
const ITERATIONS = 200;
/**
 * Numbers of a position up to which Newton steps go on from wherever an ascent ends; of more, from where the density is
 * level.
 */
export const FEW_NUMBERS = 60;
/** Iterations of all ascents at most: some hundredths of a fit of 5000 steps of ten draws, of a small density and of a large one. */
const [MOST_ITERATIONS, LEAST_ITERATIONS] = [6000, 400];
/** Operations that so many iterations take, where those of the density are many. */
const WORK = 3e8;

/** Iterations that ascents besides the first one may take, of which each takes so many operations. */
export function iterationsWorth(operations: number): number {
  return Math.min(MOST_ITERATIONS, Math.max(LEAST_ITERATIONS, Math.floor(WORK / operations)));
}

/**
 * Ascents to different modes, from around the locations of the priors, and from draws of these where they depend on other
 * latents. Where these end at several, more: until so many have met known ones that no other is to be expected, or the
 * work is that of a share of a fit. A frequency may have hundreds of modes, and each draws a hundredth of the ascents.
 */
export function* searchesOf(density: LogDensity, beginning: Beginning): Turns<readonly Search[]> {
  const { scaled } = beginning;
  if (scaled.dimension > MOST_ROWS) return [];
  const found: Search[] = [];
  let ended = 0;
  let left = iterationsWorth(density.operations);
  /** Each halfway point takes an evaluation, as an iteration does. */
  const isKnown = (end: AscentPoint) =>
    found.some((other) => {
      if (!areLevel(other.end, end)) return false;
      left--;
      return isNoValley(scaled, other.end, end);
    });
  const search = (start: AscentPoint) => {
    const { last: end, isEnd, iterations } = followed(ascent(scaled, start), left);
    left -= iterations;
    if (end === undefined || !isEnd) return;
    ended++;
    if (!isKnown(end)) found.push({ start, end });
  };
  for (const start of firstStarts(density, beginning)) {
    if (left > 0) search(start);
    yield;
  }
  const isDone = () => left <= 0 || isExplored(found.length, ended);
  if (isDone()) return found;
  for (const row of moreNoise(scaled.dimension, MORE_ASCENTS)) {
    const start = finitePoint(scaled, row, WIDTH);
    if (start !== undefined) search(start);
    yield;
    if (isDone()) break;
  }
  return found;
}

/** Where ascents begin, whatever they find. */
function firstStarts(density: LogDensity, beginning: Beginning): readonly AscentPoint[] {
  const { dimension, children, summedOut } = density;
  const count = dimension > FEW_NUMBERS ? ASCENTS_OF_MANY : ASCENTS;
  return [
    ...finiteStarts(beginning, count / 2 + 1).slice(1),
    ...finiteStarts(beginning, count + 1, WIDTH).slice(1),
    ...(children.size > 0 || summedOut.length > 0 ? priorStarts(density, beginning, count) : []),
  ];
}

/**
 * Whether `searches` ascents that met so many modes leave no other to be expected (Boender and Rinnooy Kan, "Bayesian
 * stopping rules for multistart global optimization methods", Mathematical Programming 37, 1987).
 */
function isExplored(modes: number, searches: number): boolean {
  if (modes < 2) return true;
  const unseen = searches - modes - 2;
  return unseen > 0 && (modes * (searches - 1)) / unseen < modes + 0.5;
}

/** In nats: by how much the density may differ between ascents to one mode, and halfway between their ends. */
const SAME = 1e-3;

/** Whether two ascents have ended in one mode, as far as can be told without the curvature: halfway there is no valley. */
export function areOneMode(scaled: ScaledDensity, a: AscentPoint, b: AscentPoint): boolean {
  return areLevel(a, b) && isNoValley(scaled, a, b);
}

const areLevel = (a: AscentPoint, b: AscentPoint) => Math.abs(a.value - b.value) < SAME;

function isNoValley(scaled: ScaledDensity, a: AscentPoint, b: AscentPoint): boolean {
  const halfway = scaled.at(a.position.map((x, i) => (x + b.position[i]) / 2));
  return halfway.value > Math.min(a.value, b.value) - SAME;
}

/** The last point of an ascent, and whether it ends there: one that takes long is left. */
export function followed(
  points: Iterable<AscentPoint>,
  most = ITERATIONS,
): {
  readonly last: AscentPoint | undefined;
  readonly isEnd: boolean;
  readonly iterations: number;
} {
  let [last, iterations]: [AscentPoint | undefined, number] = [undefined, 0];
  for (const point of points) {
    if (iterations++ > Math.min(ITERATIONS, most)) return { last, isEnd: false, iterations };
    last = point;
  }
  return { last, isEnd: true, iterations };
}
