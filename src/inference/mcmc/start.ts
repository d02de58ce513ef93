/** Where chains begin. */
import { SurmiseError } from "../../tensor/internal.ts";
import { scaledDensity } from "../density/lbfgs.ts";
import type { LogDensity } from "../density/logDensity.ts";
import { pathfinder } from "../density/pathfinder.ts";
import type { LatentValues } from "../density/unconstrain.ts";
import { NotFinite } from "../process/nonFinite.ts";
import { allFinite } from "../process/state.ts";
import { ChainRandom } from "./random.ts";
import { newPoint, type Point } from "./transitions/phase.ts";

/**
 * Where chains begin: a radius r, for unconstrained numbers uniform in (-r, r), but for latents that the model gives a
 * start (`init`); `pathfinder`, for a draw of each chain from the normal approximation that Pathfinder finds from such a
 * start; values of all latents by name; or a list of these, one for each chain.
 */
export type Initial = OneInitial | readonly OneInitial[];

type OneInitial = number | "pathfinder" | LatentValues;

/** Stan's radius. */
export const RADIUS = 2;
/** How often a random start is tried (Stan). */
const TRIES = 100;

/**
 * A point where density and gradient are finite.
 *
 * @throws NotFinite naming the site to blame if there is none among the tries; SurmiseError if values do not suit the
 * latents.
 */
export function startingPoint(
  density: LogDensity,
  initial: Initial,
  seed: number,
  chain: number,
): Point {
  const own: OneInitial = Array.isArray(initial) ? initial[chain] : initial;
  const point = newPoint(density.dimension);
  if (own === "pathfinder") {
    return alongPath(density, startingPoint(density, RADIUS, seed, chain), seed, chain);
  }
  if (typeof own !== "number") {
    point.position.set(density.unconstrain(own));
    if (evaluate(density, point)) return point;
    refuse(density, point, `the given values are no start for chain ${chain + 1}`);
  }
  const random = new ChainRandom(seed, chain);
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    random.seek(-1 - attempt);
    for (let i = 0; i < density.dimension; i++) {
      point.position[i] = own * (2 * random.uniform() - 1);
    }
    density.startFrom(point.position);
    if (evaluate(density, point)) return point;
  }
  return refuse(
    density,
    point,
    `chain ${chain + 1} finds no start in ${TRIES} tries, with all unconstrained numbers between -${own} and ${own}`,
  );
}

/** Draws from which bounds on a path are estimated (Stan), and the step whose random numbers they are. */
const [BOUND_DRAWS, PATH_STEP] = [25, -1000];

/** A draw from the best normal approximation on the path of ascent from `start`; where there is none, `start`. */
function alongPath(density: LogDensity, start: Point, seed: number, chain: number): Point {
  const { dimension } = density;
  const random = new ChainRandom(seed, chain);
  random.seek(PATH_STEP);
  const normals = () => {
    const noise = new Float64Array(dimension);
    random.normals(noise);
    return noise;
  };
  const scaled = scaledDensity(
    density,
    new Float64Array(dimension),
    new Float64Array(dimension).fill(1),
  );
  const noise = Array.from({ length: BOUND_DRAWS }, normals);
  const { best } = pathfinder(scaled, scaled.at(start.position.slice()), noise);
  if (best === undefined) return start;
  const point = newPoint(dimension);
  point.position.set(best.normal.colour(normals()));
  return evaluate(density, point) ? point : start;
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
