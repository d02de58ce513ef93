/**
 * Coordinates in which the posterior is nearly a standard normal: what automatic guides are trained in, so that neither
 * the units of the data nor correlations matter.
 */
import type { Model } from "../../model/index.ts";
import type { Axis } from "../../tensor/internal.ts";
import { cholesky } from "../statistics/linear.ts";
import { type Initialisation, initialisations } from "./initialisation.ts";
import type { UnconstrainedSite } from "./layout.ts";
import type { LogDensity } from "./logDensity.ts";
import { type Beginning, beginningOf, finiteStarts } from "./modes/beginning.ts";
import { MOST_ROWS } from "./modes/mode.ts";
import { isLevel, newtonMode, normalAtMode } from "./modes/newton.ts";
import { type Modes, modesOf } from "./modes/severalModes.ts";
import { atOnce, type Turns } from "./modes/turns.ts";
import { APART, type ChainNormal, chainNormal } from "./nested/chainNormal.ts";
import { chainLayout } from "./nested/layout.ts";
import { MOST_ORDER, NestedDensity, orderOf } from "./nested/nestedDensity.ts";
import { elboOf, type PathResult, pathfinder } from "./pathfinder.ts";
import { wholeDensity } from "./wholeDensity.ts";

/** The part of a position that belongs to one latent. */
export interface CoordinateSite extends UnconstrainedSite {
  /** Whether its prior depends on other latents. */
  readonly hasParents: boolean;
  /** Those of its axes that are plates. */
  readonly plates: readonly Axis[];
  /** Whether it stands in no plate and its prior depends on no other latent: a guide draws these first. */
  readonly isLeading: boolean;
}

/** A normal near the posterior, in unconstrained space: x = location + factor u with u nearly standard normal. */
export interface Coordinates {
  /** Where each latent lies in a position: those first on which all others may depend, then as the model has them. */
  readonly sites: readonly CoordinateSite[];
  /** How many numbers there are. */
  readonly dimension: number;
  /** The origin. */
  readonly location: Float64Array;
  /** The standard deviations. */
  readonly scales: Float64Array;
  /** The lower Cholesky factor of the covariance, row-major; there is none of many numbers. */
  readonly factor: Float64Array | undefined;
  /** Where the normal comes from: the curvature at the mode, or the best one on the way there. */
  readonly origin: "mode" | "path";
  /** Where a model has a chain: the normal along it, whose latents are none of `sites`. */
  readonly chain?: ChainNormal;
  /**
   * The modes of the posterior, if several were met that hold a share of it that matters: means and covariances in the order
   * of `sites`.
   */
  readonly modes?: Modes;
}

/** How much is looked for. */
export interface CoordinatesOptions {
  /**
   * Ascents: the first from the locations of the priors, others from draws around them; 1 unless given, of a hierarchy 4:
   * one may run to where a spread is 0 and the density has no end.
   */
  readonly paths?: number;
}

/** The largest of many estimated bounds is larger than it is, by less than so many nats. */
const SELECTION_GAIN = 0.5;
/** Ascents where one from the locations of the priors finds no normal. */
const MORE_PATHS = 4;
/** Operations of an evaluation from which on it is costly: it takes milliseconds. */
const COSTLY = 1_000_000;
/** Draws of an estimate of the bound along an ascent where the density is costly: most evaluations are for these. */
const DRAWS_IF_COSTLY = 5;
/** Latents in plates at most: the program of a joint normal grows with their square, and takes long to compile. */
const MOST_IN_PLATES = 12;

/**
 * Looks for coordinates by an ascent from the locations of the priors: the normal at the mode, if there is one, or that
 * of Pathfinder, of the log density as it is or, where priors depend on other latents, with those latents in units of their
 * priors, whichever has the larger bound. Of a model with a chain, of the log density of the other latents with the chain
 * integrated out (`NestedDensity`). Undefined for models that have no unconstrained log density of all
 * their data, or parameters besides their latents.
 */
export function* coordinatesInTurns<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: CoordinatesOptions = {},
): Turns<Coordinates | undefined> {
  const density = densityOf(model, data, false);
  yield;
  if (density === undefined) return undefined;
  const initial = initialisations(model, data);
  if (hasChain(density)) {
    const found = yield* alongChain(density, initial, options.paths ?? 1);
    return found && isUsable(found) ? found.coordinates : undefined;
  }
  const { paths = density.children.size > 0 ? MORE_PATHS : 1 } = options;
  const whole = problemOf(density, initial);
  const centred = yield* candidateOf(whole, paths);
  const other = density.children.size > 0 ? densityOf(model, data, true) : undefined;
  const isHierarchy = other?.sites.some(({ nonCentred }) => nonCentred) === true;
  const nonCentred = isHierarchy ? yield* candidateOf(problemOf(other, initial), paths) : undefined;
  const found = [centred, nonCentred].flatMap((each) => (each && isUsable(each) ? each : []));
  if (found.length === 0) return undefined;
  const best = found.reduce((a, b) => (b.elbo > a.elbo ? b : a));
  const modes = yield* best.modes();
  return modes === undefined ? best.coordinates : atBestMode(best.coordinates, modes);
}

/** As `coordinatesInTurns`, at once. */
export function posteriorCoordinates<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: CoordinatesOptions = {},
): Coordinates | undefined {
  return atOnce(coordinatesInTurns(model, data, options));
}

/** The coordinates at the mode with the largest share, if they are usable there. */
function atBestMode(coordinates: Coordinates, modes: Modes): Coordinates {
  const { dimension } = coordinates;
  const [{ mean: location, covariance }] = modes;
  const factor = cholesky(covariance, dimension);
  if (factor === undefined) return { ...coordinates, modes };
  const scales = Float64Array.from(location, (_, i) => Math.sqrt(covariance[i * dimension + i]));
  const there: Coordinates = { ...coordinates, modes, location, scales, factor };
  return isUsable({ coordinates: there }) ? there : { ...coordinates, modes };
}

/** A log density that coordinates are looked for of. */
interface Problem {
  readonly density: LogDensity;
  readonly beginning: Beginning;
  /** The latents, each with its part of a position of the density of `beginning`. */
  readonly sites: readonly UnconstrainedSite[];
  /** Whether its positions are those of `density`: elsewhere other modes are not looked for. */
  readonly isWhole: boolean;
}

function problemOf(density: LogDensity, initial: ReadonlyMap<string, Initialisation>): Problem {
  const all = beginningOf(density, initial);
  const noise = all.noise.slice(0, density.operations < COSTLY ? undefined : DRAWS_IF_COSTLY);
  return { density, beginning: { ...all, noise }, sites: density.sites, isWhole: true };
}

/** Numbers outside of a chain at most: each costs the normal of the chain twice for a gradient. */
const MOST_OUTSIDE = 12;

/** Coordinates of the latents outside of a chain, with the normal of the chain given them. */
function* alongChain(
  density: LogDensity,
  initial: ReadonlyMap<string, Initialisation>,
  paths: number,
): Turns<Candidate | undefined> {
  const layout = chainLayout(density);
  if (layout === undefined) return undefined;
  const size = layout.outside.length;
  if (size === 0 || size > MOST_OUTSIDE) return undefined;
  const beginning = beginningOf(density, initial);
  // Beside the locations, where coefficients may happen to be 0.
  const [noise] = beginning.noise;
  const beside = beginning.location.map((x, i) => x + 0.1 * beginning.scales[i] * noise[i]);
  const order = orderOf(density, layout, beside);
  if (order > MOST_ORDER) return undefined;
  const scales = Float64Array.from(layout.outside, (i) => beginning.scales[i]);
  const nested = new NestedDensity(density, layout, { start: beginning.location, scales, order });
  let offset = 0;
  const sites = layout.others.map((site) => {
    const moved = { ...site, offset };
    offset += site.size;
    return moved;
  });
  const problem: Problem = {
    density,
    sites,
    isWhole: false,
    beginning: {
      ...{ scaled: nested, scales },
      location: Float64Array.from(layout.outside, (i) => beginning.location[i]),
      noise: beginning.noise.map((row) => row.slice(0, size)),
      fresh: [],
    },
  };
  const found = yield* candidateOf(problem, paths);
  if (found === undefined) return undefined;
  const { coordinates } = found;
  const { from } = leadingFirst(density, sites);
  const innerAt = (coordinate: number, side: number) => {
    const { location, factor } = coordinates;
    const outside = new Float64Array(size);
    from.forEach((place, i) => {
      const step = factor === undefined || coordinate < 0 ? 0 : factor[i * size + coordinate];
      outside[place] = location[i] + side * APART * step;
    });
    return nested.inner(outside);
  };
  const here = innerAt(-1, 0);
  const sides = Array.from({ length: size }, (_, k) => [innerAt(k, 1), innerAt(k, -1)] as const);
  const known = sides.flatMap(([more, less]) => (more && less ? [[more, less] as const] : []));
  if (here === undefined || known.length < size) return undefined;
  const chain = chainNormal(layout, order, here, known);
  return { ...found, coordinates: { ...coordinates, chain } };
}

/** Numbers of guides may be float32: what is larger, or scales that are smaller, is left to the priors' own scales. */
const [LARGEST, SMALLEST] = [1e38, 1e-37];

function isUsable({ coordinates: { location, scales } }: { readonly coordinates: Coordinates }) {
  return (
    location.every((x) => Math.abs(x) < LARGEST) && scales.every((x) => x > SMALLEST && x < LARGEST)
  );
}

/** A normal near the posterior, and its bound. */
interface Candidate {
  readonly coordinates: Coordinates;
  readonly elbo: number;
  readonly modes: () => Turns<Modes | undefined>;
}

/** The best normal of a log density. */
function* candidateOf(problem: Problem, paths: number): Turns<Candidate | undefined> {
  const { density, beginning, isWhole } = problem;
  const { dimension } = beginning.scaled;
  const { scaled, scales, noise } = beginning;
  const starts = finiteStarts(beginning, paths);
  const found: PathResult[] = [];
  for (const start of starts) found.push(yield* pathfinder(scaled, start, noise));
  if (found.length === 0) return undefined;
  const elboAlong = ({ best }: (typeof found)[number]) => best?.elbo ?? Number.NEGATIVE_INFINITY;
  const { best, end } = found.reduce((a, b) => (elboAlong(b) > elboAlong(a) ? b : a));
  const mode = dimension <= MOST_ROWS ? yield* newtonMode(scaled, end) : undefined;
  const there = mode && normalAtMode(scaled, mode, noise);
  const pathGain = (best?.elbo ?? Number.NEGATIVE_INFINITY) - (there?.elbo ?? Number.NaN);
  const isMode = there !== undefined && pathGain < SELECTION_GAIN;
  const chosen = isMode ? there : best;
  // From the locations of the priors an ascent may end at a saddle point, between modes that are alike.
  const isSaddle = mode === undefined && dimension <= MOST_ROWS && isLevel(end);
  if ((chosen === undefined || isSaddle) && paths < MORE_PATHS) {
    return yield* candidateOf(problem, MORE_PATHS);
  }
  if (chosen === undefined) return undefined;
  const { normal } = chosen;
  // Per unit of the numbers themselves, so that it can be compared with that of another density.
  const logScales = scales.reduce((total, scale) => total + Math.log(scale), 0);
  const elbo = elboOf(scaled, normal, beginning.fresh) + logScales;
  const sds = normal.variances().map((x, i) => Math.sqrt(x) * scales[i]);
  const { sites, from } = leadingFirst(density, problem.sites);
  const factor =
    dimension <= MOST_ROWS ? cholesky(permuted(normal.covariance(), from), dimension) : undefined;
  const mean = scaled.unscaled(normal.mean);
  const coordinates: Coordinates = {
    ...{ dimension, sites, origin: isMode ? "mode" : "path" },
    location: from.map((i) => mean[i]),
    scales: from.map((i) => sds[i]),
    factor: factor?.map((x, at) => x * scales[from[Math.floor(at / dimension)]]),
  };
  const modes = function* () {
    const several = isWhole ? yield* modesOf(density, beginning, chosen) : undefined;
    return several?.map((each) => ({
      ...each,
      mean: from.map((i) => each.mean[i]),
      covariance: permuted(each.covariance, from),
    }));
  };
  return { coordinates, elbo, modes };
}

/**
 * The latents with those first on which all others may depend, however late the model states them: given the effects of
 * covariates the elements of a group are independent, without them they are not. `from` has the place in a position of
 * the density of each number.
 */
function leadingFirst({ children, trace }: LogDensity, sites: readonly UnconstrainedSite[]) {
  const platesOf = new Map(trace.latents.map(({ name, plates }) => [name, plates]));
  const told = sites.map((site) => {
    const hasParents = children.has(site.name);
    const plates = (platesOf.get(site.name) ?? []).map(({ axis }) => axis);
    return { ...site, hasParents, plates, isLeading: !hasParents && plates.length === 0 };
  });
  let offset = 0;
  const from: number[] = [];
  const ordered = [true, false]
    .flatMap((leads) => told.filter(({ isLeading }) => isLeading === leads))
    .map((site): CoordinateSite => {
      const moved = { ...site, offset };
      offset += site.size;
      for (let k = 0; k < site.size; k++) from.push(site.offset + k);
      return moved;
    });
  return { sites: ordered, from: Float64Array.from(from) };
}

/** Rows and columns of a matrix in the order `from`. */
function permuted(matrix: Float64Array, from: Float64Array): Float64Array {
  const n = from.length;
  return matrix.map((_, at) => matrix[from[Math.floor(at / n)] * n + from[at % n]]);
}

function hasChain({ trace }: LogDensity): boolean {
  return trace.latents.some(({ plates }) => plates.some(({ chain }) => chain));
}

function densityOf<Data>(
  model: Model<Data, unknown>,
  data: Data,
  nonCentred: boolean,
): LogDensity | undefined {
  const density = wholeDensity(model, data, { evaluations: 2000, nonCentred });
  const inPlates = density?.trace.latents.filter(({ plates }) => plates.length > 0) ?? [];
  return inPlates.length <= MOST_IN_PLATES ? density : undefined;
}
