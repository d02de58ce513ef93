/** Where chains begin. */
import { SurmiseError } from "../../tensor/internal.ts";
import type { LogDensity } from "../density/logDensity.ts";
import { ascent, scaledDensity } from "../density/modes/lbfgs.ts";
import { atOnce } from "../density/modes/turns.ts";
import { pathfinder } from "../density/pathfinder.ts";
import { hasPriorDraws } from "../density/programs/starts.ts";
import type { LatentValues } from "../density/unconstrain.ts";
import { NotFinite } from "../process/nonFinite.ts";
import { allFinite } from "../process/state.ts";
import { ChainRandom } from "./random.ts";
import { newPoint, type Point } from "./transitions/point.ts";

/**
 * Where chains begin: a radius r, for unconstrained numbers uniform in (-r, r), but for latents that the model gives a
 * start (`init`); `ascent`, for such a start with radius 2 from which each chain climbs while the density rises steeply;
 * `pathfinder`, for a draw of each chain from the normal approximation that Pathfinder finds on its way up; `prior`, for draws
 * from the prior, which must be proper; values of all
 * latents by name; or a list of these, one for each chain. A chain that begins in one of the ways that have a name, and
 * after a tenth of warm-up is where there is less than e^-20 of what there is around another chain, or after half of it e^-8 (and
 * e^-2 and e^-1 less for each number), goes on from there.
 */
export type Initial = OneInitial | readonly OneInitial[];

/** Ways to begin that have a name. */
export const STARTS = { ascent: uphill, pathfinder: alongPath, prior: fromPrior } as const;

/** Whether a word names a way to begin. */
export function isStart(word: string): word is keyof typeof STARTS {
  return Object.hasOwn(STARTS, word);
}

type OneInitial = number | keyof typeof STARTS | LatentValues;

/** Stan's radius. */
const RADIUS = 2;
/** How often a random start is tried (Stan). */
const TRIES = 100;

/** So many nats, and so many for each number, below the start of another chain is no part of the posterior. */
const [HOPELESS, HOPELESS_EACH] = [100, 10];
/** How often a chain looks for another start. */
const RETRIES = 10;

/**
 * A start of each of so many chains. A chain whose ascent ends hopelessly far below those of others, as in a corner where
 * the solution of a differential equation is all rounding and no gradient leads out, begins from other random numbers.
 *
 * @throws as `startingPoint`.
 */
export function startingPoints(
  density: LogDensity,
  initial: Initial,
  seed: number,
  chains: number,
): readonly Point[] {
  const starts = Array.from({ length: chains }, (_, c) => startingPoint(density, initial, seed, c));
  const best = Math.max(...starts.map(({ logDensity }) => logDensity));
  const least = best - HOPELESS - HOPELESS_EACH * density.dimension;
  return starts.map((start, c) => {
    if (!isRandom(initial, c)) return start;
    let found = start;
    for (let retry = 1; retry <= RETRIES && found.logDensity < least; retry++) {
      const other = startingPoint(density, initial, seed, c, retry);
      if (other.logDensity > found.logDensity) found = other;
    }
    return found;
  });
}

/** Whether a chain begins where it may as well begin elsewhere: neither at given values nor within a given radius. */
export function isRandom(initial: Initial, chain: number): boolean {
  return typeof initialOf(initial, chain) === "string";
}

function initialOf(initial: Initial, chain: number): OneInitial {
  const own: OneInitial = Array.isArray(initial) ? initial[chain] : initial;
  return own;
}

/**
 * After so many tries each is made nearer to 0: covariates of large numbers make rates overflow everywhere else.
 */
const FULL_RADIUS = 50;

/**
 * A point where density and gradient are finite; another one for each `retry`, where it is random.
 *
 * @throws NotFinite naming the site to blame if there is none among the tries; SurmiseError if values do not suit the
 * latents.
 */
export function startingPoint(
  density: LogDensity,
  initial: Initial,
  seed: number,
  chain: number,
  retry = 0,
): Point {
  const own = initialOf(initial, chain);
  const point = newPoint(density.dimension);
  if (typeof own === "string") {
    return STARTS[own](density, seed, chain, retry);
  }
  const random = new ChainRandom(seed, chain);
  random.seek(-1);
  if (typeof own !== "number") {
    point.position.set(density.unconstrain(own));
    holdPriorDraws(density, point, random);
    if (evaluate(density, point)) return point;
    refuse(density, point, `the given values are no start for chain ${chain + 1}`);
  }
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    random.seek(-1 - attempt - TRIES * retry);
    const radius = own * 2 ** -Math.max(0, attempt - FULL_RADIUS);
    for (let i = 0; i < density.dimension; i++) {
      point.position[i] = radius * (2 * random.uniform() - 1);
    }
    density.startFrom(point.position);
    holdPriorDraws(density, point, random);
    if (evaluate(density, point)) return point;
  }
  // As where data bound a latent: they are more probable by its prior.
  const hasPrior = hasPriorDraws(density);
  if (hasPrior && beginAtPrior(density, point, seed, chain, retry)) return point;
  return refuse(
    density,
    point,
    `chain ${chain + 1} finds no start in ${TRIES} tries, with all unconstrained numbers between -${own} and ${own}` +
      (hasPrior ? ", nor among draws from the prior" : ""),
  );
}

/** Where a step of ascent gains less than so many nats, or one for each number, a chain finds its way by itself. */
const STEEP = 10;

/**
 * Where the ascent from `start` stops to be steep. A density that falls by powers of ten, as that of a count whose rate
 * overflows, has gradients for which no step is short enough; chains that are not out there stay apart.
 */
function uphill(density: LogDensity, seed: number, chain: number, retry: number): Point {
  const start = startingPoint(density, RADIUS, seed, chain, retry);
  const { dimension } = density;
  const scaled = unscaledDensity(density);
  const point = newPoint(dimension);
  let reached = start.logDensity;
  for (const { position, value } of ascent(scaled, scaled.at(start.position.slice()))) {
    if (value > start.logDensity && value - reached < Math.max(STEEP, dimension)) break;
    point.position.set(position);
    reached = value;
  }
  return evaluate(density, point) ? { ...point, ...heldAs(start) } : start;
}

function unscaledDensity(density: LogDensity) {
  const { dimension } = density;
  return scaledDensity(density, new Float64Array(dimension), new Float64Array(dimension).fill(1));
}

/** Draws from which bounds on a path are estimated (Stan), and the step whose random numbers they are. */
const [BOUND_DRAWS, PATH_STEP] = [25, -2000];

/** A draw from the best normal approximation on the path of ascent from `start`; where there is none, `start`. */
function alongPath(density: LogDensity, seed: number, chain: number, retry: number): Point {
  const start = startingPoint(density, RADIUS, seed, chain, retry);
  const { dimension } = density;
  const random = new ChainRandom(seed, chain);
  random.seek(PATH_STEP);
  const normals = () => {
    const noise = new Float64Array(dimension);
    random.normals(noise);
    return noise;
  };
  const scaled = unscaledDensity(density);
  const noise = Array.from({ length: BOUND_DRAWS }, normals);
  const { best } = atOnce(pathfinder(scaled, scaled.at(start.position.slice()), noise));
  if (best === undefined) return start;
  const point = newPoint(dimension);
  point.position.set(best.normal.colour(normals()));
  return evaluate(density, point) ? { ...point, ...heldAs(start) } : start;
}

/** A draw from the prior where density and gradient are finite. */
function fromPrior(density: LogDensity, seed: number, chain: number, retry: number): Point {
  const point = newPoint(density.dimension);
  if (beginAtPrior(density, point, seed, chain, retry)) return point;
  return refuse(
    density,
    point,
    `chain ${chain + 1} finds no start in ${TRIES} draws from the prior`,
  );
}

/** Puts `point` at a draw from the prior where density and gradient are finite; whether there is one among the tries. */
function beginAtPrior(
  density: LogDensity,
  point: Point,
  seed: number,
  chain: number,
  retry: number,
): boolean {
  const random = new ChainRandom(seed, chain);
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    random.seek(-1 - attempt - TRIES * retry);
    point.position.set(density.drawPrior(Math.floor(random.uniform() * 2 ** 32)));
    holdPriorDraws(density, point, random);
    if (evaluate(density, point)) return true;
  }
  return false;
}

/** The values at which a start holds discrete latents. */
const heldAs = ({ held }: Point) => held && { held };

/** Where discrete latents are held, draws them from their priors. */
function holdPriorDraws(density: LogDensity, point: Point, random: ChainRandom): void {
  if (density.held.size === 0) return;
  point.held = density.drawHeld(point.position, Math.floor(random.uniform() * 2 ** 32));
  density.hold(point.held);
}

function evaluate(density: LogDensity, point: Point): boolean {
  point.logDensity = density.evaluate(point.position, point.gradient);
  return Number.isFinite(point.logDensity) && allFinite(point.gradient);
}

function refuse(density: LogDensity, { position }: Point, what: string): never {
  try {
    density.checkFinite(position);
  } catch (error) {
    if (!(error instanceof NotFinite)) throw error;
    throw new NotFinite(
      `${what}: ${error.message}. Give starting values by init, or priors that keep the latents where the ` +
        "density is finite",
      { cause: error },
    );
  }
  throw new SurmiseError(what);
}
