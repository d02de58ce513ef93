/**
 * One normal for all latents together, in unconstrained space: each latent given the noise of those drawn before it,
 * so that the factor of the covariance is a triangle, block by block.
 */
import {
  bijectionTo,
  distribution,
  isDiscrete,
  REAL,
  transformed,
} from "../../distributions/internal.ts";
import { ownAxes, type Sites, type Statement } from "../../model/internal.ts";
import { zeros } from "../../nn/index.ts";
import {
  type Axis,
  computedValues,
  constant,
  exp,
  gatherClamped,
  HALF_LOG_2PI,
  index,
  log,
  SurmiseError,
  sizeOf,
  solveLower,
  square,
  standardNormal,
  sum,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Coordinates } from "../density/coordinates.ts";
import { broadcastOver, type Initialisation } from "../density/initialisation.ts";
import type { EarlierNoise, GuideContext, GuideFamily, Noise } from "./automatic.ts";
import { blockOf, dependsAcrossPlates } from "./blocks.ts";
import { type MeanFieldOptions, meanField } from "./families.ts";
import { flatten, unflatten } from "./flatten.ts";
import { type NoiseFamily, SharedNoise, type TakeNoise } from "./noise/sharedNoise.ts";

/** What a joint normal begins as, and how much of its covariance is trained. */
export interface JointOptions extends MeanFieldOptions {
  /** Where it begins and what its parameters are measured in; the priors unless given. */
  readonly coordinates?: Coordinates | undefined;
  /**
   * `full` trains all correlations, `diagonal` those of the coordinates only, whose covariance stays, but for its scales
   * in the coordinates; `full` unless given.
   */
  readonly covariance?: "full" | "diagonal";
  /**
   * Whether elements of plates may depend on one another; they do where the coordinates say so (`dependsAcrossPlates`).
   * False unless given: weights of single elements, as massively parallel ones are, take them for independent.
   */
  readonly acrossPlates?: boolean;
  /** What all latents are made of together; standard normal noise unless given. */
  readonly noise?: NoiseFamily | undefined;
  /** Which latents that is, where the guide has others than these; all unless given. */
  readonly takesNoise?: (latent: string) => boolean;
}

/** Elements of one draw whose covariance is trained, and of which one is taken from the coordinates. */
const MOST_ROWS = 100;
const MOST_KNOWN_ROWS = 500;
/** Numbers by which one latent may depend on those before. */
const MOST_DEPENDENCES = 200_000;

/**
 * All latents are jointly normal in unconstrained space. With the coordinates x = location + factor w, the draw of a
 * latent is w = mean + dependence e' + scale e, of its own noise e and that, e', of the latents before it that stand in
 * no other plates. So elements of a plate are independent given what stands outside of it, as they are in a model whose
 * data belong to one element each, and correlations cost no more than there are elements; across plates, where they do
 * not, all numbers of a latent depend on those before. The parameters are
 * `NAME.mean`, `NAME.dependence` and `NAME.logSd` or `NAME.factor`, all 0 at the start. Discrete latents are as in the
 * mean field; so is a latent with more than 100 elements in a draw, but for its coordinates.
 *
 * @throws SurmiseError as `meanField`.
 */
export function joint(options: JointOptions = {}): GuideFamily {
  const {
    coordinates,
    covariance = "full",
    noise,
    takesNoise,
    sd = coordinates === undefined ? 0.1 : 1,
  } = options;
  const across =
    options.acrossPlates === true && coordinates !== undefined && dependsAcrossPlates(coordinates);
  const simple = meanField({ sd });
  return (statement, param, start, context) => {
    const { distribution: prior } = statement;
    const { support } = prior;
    if (isDiscrete(support)) return simple(statement, param, start, context);
    const site = shapeOf(statement, context, across);
    const { laid, row } = site;
    if (noise !== undefined) refuseChain(statement);
    const shared =
      noise && context.once(noise, () => new SharedNoise(noise, param, context, takesNoise));
    const place = shared?.add(site);
    const normal = jointNormal(statement, param, {
      site,
      isFull: covariance === "full",
      start: inUnits(origin(site, start, sd, coordinates), site, statement, coordinates),
      hasNormalNoise: shared === undefined,
    });
    const map = bijectionTo(support);
    const madeOf = (take: TakeNoise) =>
      transformed(normal.distribution(take), support).event(...prior.eventAxes);
    const noiseOf = (value: Tensor) => {
      const u = map.inverse(value);
      return normal.noiseOf(row === undefined ? u : flatten(u, laid, row));
    };
    if (shared === undefined || place === undefined) {
      const own: TakeNoise = (key, over) => standardNormal(key, over, prior.dtype);
      return { distribution: madeOf(own), noiseOf };
    }
    const each = shared.components && madeOf(shared.take(place, true));
    const elements = sizeOf(statement.plates.map((plate) => plate.axis));
    return shared.place(place, madeOf(shared.take(place)), each, noiseOf, elements);
  };
}

/** Refuses a latent whose steps cannot be drawn before all others are known. */
function refuseChain({ name, plates }: Statement): void {
  const chain = plates.find((plate) => plate.chain);
  if (chain === undefined) return;
  throw new SurmiseError(
    `latent '${name}': it is in chain '${chain.axis.name}', whose steps follow one another, but this guide draws all latents ` +
      "together: use structured() for its guide, or alongChains(...) to do so in chains only",
  );
}

/** The axes of a latent in a joint normal, and what it may depend on. */
export interface SiteShape {
  /** The name of the latent. */
  readonly name: string;
  /** The type of its values. */
  readonly dtype: Tensor["dtype"];
  /** Its plates and other axes along which its prior has an element each, but for those in `laid`. */
  readonly outer: readonly Axis[];
  /** The axes of a draw in unconstrained space. */
  readonly event: readonly Axis[];
  /** What lies along `row`: the axes of a draw, after its plates where their elements depend on one another. */
  readonly laid: readonly Axis[];
  /** The elements of a draw, their coordinates and their noise; a scalar has none. */
  readonly row: Axis | undefined;
  /** As `row`, of the coordinates. */
  readonly coordinate: Axis | undefined;
  /** As `row`, of the noise. */
  readonly noise: Axis | undefined;
  /** What it may depend on, each from its place along `before` on. */
  readonly parents: readonly { readonly noise: EarlierNoise; readonly offset: number }[];
  /** All noise that it may depend on; undefined where there is none. */
  readonly before: Axis | undefined;
}

/** The axes of a latent, made once for each guide. */
export function shapeOf(
  { name, distribution: prior, plates }: Statement,
  context: GuideContext,
  acrossPlates = false,
): SiteShape {
  const { unconstrainedAxes } = bijectionTo(prior.support);
  const event = prior.eventAxes.length === 0 ? [] : unconstrainedAxes(prior.eventAxes);
  const elements = withoutAxes(unconstrainedAxes(ownAxes(plates, prior)), event);
  const [outer, laid] = acrossPlates ? [[], [...elements, ...event]] : [elements, event];
  const size = sizeOf(laid);
  const own = (what: string) =>
    laid.length === 0 ? undefined : context.axis(`${name} ${what}`, size);
  let count = 0;
  const parents = context.earlier.flatMap((noise) => {
    const isKnown = acrossPlates || noise.plates.every((plate) => outer.includes(plate.axis));
    if (!isKnown) return [];
    const parent = { noise, offset: count };
    count += noise.axis?.size ?? 1;
    return [parent];
  });
  const isDependent = count > 0 && count * size * sizeOf(outer) <= MOST_DEPENDENCES;
  return {
    ...{ name, dtype: prior.dtype, outer, event, laid },
    ...{ row: own("element"), coordinate: own("coordinate"), noise: own("noise") },
    parents: isDependent ? parents : [],
    before: isDependent ? context.axis(`${name} before`, count) : undefined,
  };
}

/** x = location + dependence w' + factor w, over `row` and `coordinate` where there are any. */
interface Origin {
  readonly location: Tensor;
  /** Over `row` and `before`. */
  readonly dependence: Tensor | undefined;
  /** A lower triangle over `row` and `coordinate`, or its diagonal over `row`. */
  readonly factor: Tensor;
  readonly isDiagonal: boolean;
}

/** The origin that the coordinates give, or the prior. */
function origin(
  site: SiteShape,
  start: Initialisation,
  sd: number,
  coordinates: Coordinates | undefined,
): Origin {
  const { row, coordinate, outer, before, dtype, parents } = site;
  const block = coordinates && blockOf(coordinates, site.name, outer, MOST_KNOWN_ROWS, parents);
  if (block === undefined) {
    const [location, scale] = [start.location, start.scale].map((x) => alongRow(x, site));
    return { location, dependence: undefined, factor: scale.mul(sd), isDiagonal: true };
  }
  const rows = row === undefined ? [] : [row];
  const columns = coordinate === undefined || block.isDiagonal ? [] : [coordinate];
  const literal = (data: Float64Array, axes: readonly Axis[]) => computedValues(axes, data, dtype);
  return {
    location: literal(block.location, [...outer, ...rows]),
    dependence:
      before && block.dependence && literal(block.dependence, [...outer, ...rows, before]),
    factor: literal(block.factor, [...outer, ...rows, ...columns]),
    isDiagonal: block.isDiagonal || row === undefined,
  };
}

/** An origin in units of a prior that depends on other latents, as its density was read. */
function inUnits(
  { location, dependence, factor, isDiagonal }: Origin,
  site: SiteShape,
  { distribution: prior }: Statement,
  coordinates: Coordinates | undefined,
): Origin {
  const isCentred = !coordinates?.sites.some((each) => each.name === site.name && each.nonCentred);
  const units = isCentred ? undefined : prior.locationScale?.();
  if (units?.scale === undefined) return { location, dependence, factor, isDiagonal };
  const [centre, scale] = [units.location, units.scale].map((x) => alongRow(x, site));
  return {
    location: centre.add(scale.mul(location)),
    dependence: dependence?.mul(scale),
    factor: factor.mul(scale),
    isDiagonal,
  };
}

/** What is over the axes that a latent lays along `row`, or constant along some, as it lies there. */
function alongRow(x: Tensor, { laid, row }: SiteShape): Tensor {
  return row === undefined ? x : flatten(broadcastOver(laid, x), laid, row);
}

interface JointNormalOptions {
  readonly site: SiteShape;
  readonly isFull: boolean;
  readonly start: Origin;
  /** Whether the density of the noise, standard normal, is a part of that of the latent. */
  readonly hasNormalNoise: boolean;
}

/** The normal of one latent given the noise before it: a scalar, or vectors along `row`. */
function jointNormal(
  { name }: Statement,
  param: Sites["param"],
  { site, isFull, start, hasNormalNoise }: JointNormalOptions,
) {
  const { dtype, outer, event, laid, row, coordinate, noise, before, parents } = site;
  const own = coordinate === undefined ? [] : [coordinate];
  const train = (what: string, axes: readonly Axis[]) =>
    param(`${name}.${what}`, [...outer, ...axes], { init: zeros, dtype });
  const mean = train("mean", own);
  const triangle =
    isFull && coordinate && noise && coordinate.size <= MOST_ROWS
      ? bijectionTo({ kind: "choleskyFactor", row: coordinate, column: noise })
      : undefined;
  const scale =
    triangle === undefined
      ? exp(train("logSd", own))
      : triangle.forward(
          train("factor", triangle.unconstrainedAxes([coordinate as Axis, noise as Axis])),
        );
  const dependence =
    isFull && before !== undefined ? train("dependence", [...own, before]) : undefined;
  const plus = (x: Tensor, matrix: Tensor | undefined, of: "standard" | "whitened") =>
    matrix === undefined || before === undefined
      ? x
      : parents.reduce((total, parent) => total.add(productWith(matrix, before, parent, of)), x);
  const location = plus(start.location, start.dependence, "whitened");
  const centre = plus(mean, dependence, "standard");
  const whitening = whiteningOf(start, location, site);
  const trained = trainedMap(centre, scale, triangle !== undefined, site);
  const logScale = logDiagonal(start.factor, start.isDiagonal, row, coordinate).add(
    along(logDiagonal(scale, triangle === undefined, coordinate, noise), coordinate, row),
  );
  /** The log density of each number along `row`, given those before it. */
  const logProbs = (x: Tensor) => {
    if (!hasNormalNoise) return logScale.neg();
    const e = along(trained.inverse(whitening.inverse(x)), noise, row);
    return square(e).mul(-0.5).sub(logScale).sub(HALF_LOG_2PI);
  };
  const plates = laid.filter((a) => !event.includes(a));
  const laidOut = (x: Tensor) => (row === undefined ? x : unflatten(x, laid, row));
  const known = withoutAxes(
    [...new Set([location, centre, scale, start.factor].flatMap(({ axes }) => axes))],
    [row, coordinate, noise].flatMap((a) => (a === undefined ? [] : [a])),
  );
  const made = (take: TakeNoise) =>
    distribution({
      name: "jointNormal",
      parameters: { location, centre, scale },
      constraints: {},
      axes: [...plates, ...known],
      dimensions: event,
      dtype,
      support: REAL,
      reparameterised: true,
      logProb: (x) => {
        if (row === undefined) return logProbs(x);
        const each = logProbs(flatten(x, laid, row));
        if (plates.length === 0) return sum(each, row);
        return event.length === 0 ? laidOut(each) : sum(laidOut(each), ...event);
      },
      sample: (key, axes) => {
        const over = [...withoutAxes(axes, laid), ...(noise === undefined ? [] : [noise])];
        return laidOut(whitening.forward(trained.forward(take(key, over, known))));
      },
    });
  const noiseOf = (x: Tensor): Noise => {
    const whitened = whitening.inverse(x);
    const standard = trained.inverse(whitened);
    return { standard, whitened: along(whitened, coordinate, noise), axis: noise };
  };
  return { distribution: made, noiseOf };
}

/** An affine map and its inverse. */
interface AffineMap {
  readonly forward: (x: Tensor) => Tensor;
  readonly inverse: (y: Tensor) => Tensor;
}

/** x = location + factor w of an origin, from w along `coordinate` to x along `row`. */
function whiteningOf(
  { factor, isDiagonal }: Origin,
  location: Tensor,
  { row, coordinate }: SiteShape,
): AffineMap {
  if (isDiagonal) {
    return {
      forward: (w) => location.add(along(w, coordinate, row).mul(factor)),
      inverse: (x) => along(x.sub(location).div(factor), row, coordinate),
    };
  }
  return {
    forward: (w) => location.add(sum(factor.mul(w), coordinate as Axis)),
    inverse: (x) => solveLower(factor, x.sub(location), row as Axis, coordinate as Axis),
  };
}

/** w = centre + scale e, from standard normal numbers e along `noise` to w along `coordinate`. */
function trainedMap(
  centre: Tensor,
  scale: Tensor,
  isTriangle: boolean,
  { coordinate, noise }: SiteShape,
): AffineMap {
  if (isTriangle) {
    return {
      forward: (e) => centre.add(sum(scale.mul(e), noise as Axis)),
      inverse: (w) => solveLower(scale, w.sub(centre), coordinate as Axis, noise as Axis),
    };
  }
  return {
    forward: (e) => centre.add(along(e, noise, coordinate).mul(scale)),
    inverse: (w) => along(w.sub(centre).div(scale), coordinate, noise),
  };
}

/** The part of a matrix over `before` that belongs to one parent, times its noise. */
export function productWith(
  matrix: Tensor,
  before: Axis,
  { noise, offset }: SiteShape["parents"][number],
  of: "standard" | "whitened",
): Tensor {
  if (noise.axis === undefined) {
    return gatherClamped(matrix, before, constant(offset, "int32")).mul(noise[of]);
  }
  const part = gatherClamped(matrix, before, index(noise.axis).add(offset));
  return sum(part.mul(noise[of]), noise.axis);
}

/** The logarithms of a diagonal, along `row`; it may be constant. */
function logDiagonal(
  x: Tensor,
  isDiagonal: boolean,
  row: Axis | undefined,
  column: Axis | undefined,
): Tensor {
  if (row === undefined || isDiagonal) return log(x);
  return log(gatherClamped(x, column as Axis, index(row)));
}

/** `x` along another axis of the same size, where there are both. */
function along(x: Tensor, from: Axis | undefined, to: Axis | undefined): Tensor {
  return from && to ? gatherClamped(x, from, index(to)) : x;
}
