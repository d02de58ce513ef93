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
  constant,
  exp,
  gatherClamped,
  index,
  log,
  logDeterminant,
  sizeOf,
  solveLower,
  square,
  standardNormal,
  sum,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Coordinates } from "../density/coordinates.ts";
import type { EarlierNoise, GuideContext, GuideFamily, Noise } from "./automatic.ts";
import { blockOf } from "./blocks.ts";
import { type MeanFieldOptions, meanField } from "./families.ts";
import { flatten, spreadOver } from "./flatten.ts";
import { broadcastOver, type Initialisation, numbersOver } from "./initialisation.ts";

/** What a joint normal begins as, and how much of its covariance is trained. */
export interface JointOptions extends MeanFieldOptions {
  /** Where it begins and what its parameters are measured in; the priors unless given. */
  readonly coordinates?: Coordinates | undefined;
  /**
   * `full` trains all correlations, `diagonal` those of the coordinates only, whose covariance stays, but for its scales
   * in the coordinates; `full` unless given.
   */
  readonly covariance?: "full" | "diagonal";
}

/** Elements of one draw that may all have a covariance of their own. */
const MOST_ROWS = 100;
/** Numbers by which one latent may depend on those before. */
const MOST_DEPENDENCES = 200_000;

/**
 * All latents are jointly normal in unconstrained space. With the coordinates x = location + factor w, the draw of a
 * latent is w = mean + dependence e' + scale e, of its own noise e and that, e', of the latents before it that stand in
 * no other plates. So elements of a plate are independent given what stands outside of it, as they are in a model whose
 * data belong to one element each, and correlations cost no more than there are elements. The parameters are
 * `NAME.mean`, `NAME.dependence` and `NAME.logSd` or `NAME.factor`, all 0 at the start. Discrete latents are as in the
 * mean field; so is a latent with more than 100 elements in a draw, but for its coordinates.
 *
 * @throws SurmiseError as `meanField`.
 */
export function joint(options: JointOptions = {}): GuideFamily {
  const { coordinates, covariance = "full", sd = coordinates === undefined ? 0.1 : 1 } = options;
  const simple = meanField({ sd });
  return (statement, param, start, context) => {
    const { distribution: prior } = statement;
    const { support } = prior;
    if (isDiscrete(support)) return simple(statement, param, start, context);
    const site = shapeOf(statement, context);
    const { event, row } = site;
    const normal = jointNormal(statement, param, {
      site,
      isFull: covariance === "full",
      start: inUnits(origin(site, start, sd, coordinates), site, statement, coordinates),
    });
    const whole = row === undefined ? normal.vector : spreadOver(event, normal.vector, row);
    const map = bijectionTo(support);
    return {
      distribution: transformed(whole, support).event(...prior.eventAxes),
      noiseOf: (value) => {
        const u = map.inverse(value);
        return normal.noiseOf(row === undefined ? u : flatten(u, event, row));
      },
    };
  };
}

/** The axes of a latent in a joint normal, and what it may depend on. */
export interface SiteShape {
  /** The name of the latent. */
  readonly name: string;
  /** The type of its values. */
  readonly dtype: Tensor["dtype"];
  /** Its plates and other axes along which its prior has an element each. */
  readonly outer: readonly Axis[];
  /** The axes of a draw in unconstrained space. */
  readonly event: readonly Axis[];
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
): SiteShape {
  const { unconstrainedAxes } = bijectionTo(prior.support);
  const event = prior.eventAxes.length === 0 ? [] : unconstrainedAxes(prior.eventAxes);
  const outer = withoutAxes(unconstrainedAxes(ownAxes(plates, prior)), event);
  const size = sizeOf(event);
  const own = (what: string) =>
    event.length === 0 ? undefined : context.axis(`${name} ${what}`, size);
  let count = 0;
  const parents = context.earlier.flatMap((noise) => {
    if (!noise.plates.every((plate) => outer.includes(plate.axis))) return [];
    const parent = { noise, offset: count };
    count += noise.axis?.size ?? 1;
    return [parent];
  });
  const isDependent = count > 0 && count * size * sizeOf(outer) <= MOST_DEPENDENCES;
  return {
    ...{ name, dtype: prior.dtype, outer, event },
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
  const block = coordinates && blockOf(coordinates, site.name, outer, MOST_ROWS, parents);
  if (block === undefined) {
    const [location, scale] = [start.location, start.scale].map((x) => alongRow(x, site));
    return { location, dependence: undefined, factor: scale.mul(sd), isDiagonal: true };
  }
  const rows = row === undefined ? [] : [row];
  const columns = coordinate === undefined || block.isDiagonal ? [] : [coordinate];
  const literal = (data: Float64Array, axes: readonly Axis[]) => numbersOver(axes, data, dtype);
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

/** What is over the event axes of a latent, or constant along some, as it lies along `row`. */
function alongRow(x: Tensor, { event, row }: SiteShape): Tensor {
  return row === undefined ? x : flatten(broadcastOver(event, x), event, row);
}

interface JointNormalOptions {
  readonly site: SiteShape;
  readonly isFull: boolean;
  readonly start: Origin;
}

/** The normal of one latent given the noise before it: a scalar, or vectors along `row`. */
function jointNormal(
  { name }: Statement,
  param: Sites["param"],
  { site, isFull, start }: JointNormalOptions,
) {
  const { dtype, outer, row, coordinate, noise, before, parents } = site;
  const own = coordinate === undefined ? [] : [coordinate];
  const isTriangle = isFull && coordinate !== undefined && coordinate.size <= MOST_ROWS;
  const train = (what: string, axes: readonly Axis[]) =>
    param(`${name}.${what}`, [...outer, ...axes], { init: zeros, dtype });
  const mean = train("mean", own);
  const triangle =
    isTriangle && noise !== undefined
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
  const asRow = (x: Tensor) => (row && coordinate ? along(x, coordinate, row) : x);
  const asCoordinate = (x: Tensor) => (row && coordinate ? along(x, row, coordinate) : x);
  /** Along `coordinate`, of x along `row`. */
  const whiten = (x: Tensor) => {
    const deviation = x.sub(location);
    return start.isDiagonal
      ? asCoordinate(deviation.div(start.factor))
      : solveLower(start.factor, deviation, row as Axis, coordinate as Axis);
  };
  const unwhiten = (w: Tensor) =>
    location.add(
      start.isDiagonal ? asRow(w).mul(start.factor) : sum(start.factor.mul(w), coordinate as Axis),
    );
  /** Standard normal numbers along `noise`, of w along `coordinate`. */
  const standardise = (w: Tensor) => {
    const deviation = w.sub(centre);
    if (triangle !== undefined) {
      return solveLower(scale, deviation, coordinate as Axis, noise as Axis);
    }
    const each = deviation.div(scale);
    return coordinate && noise ? along(each, coordinate, noise) : each;
  };
  const spread = (e: Tensor) => {
    if (triangle !== undefined) return centre.add(sum(scale.mul(e), noise as Axis));
    return centre.add((coordinate && noise ? along(e, noise, coordinate) : e).mul(scale));
  };
  const logScale = logDiagonal(start.factor, start.isDiagonal, row, coordinate).add(
    logDiagonal(scale, triangle === undefined, coordinate, noise),
  );
  const height = ((row?.size ?? 1) / 2) * Math.log(2 * Math.PI);
  const vector = distribution({
    name: "jointNormal",
    parameters: { location, centre, scale },
    constraints: {},
    axes: withoutAxes(
      [...new Set([location, centre, scale, start.factor].flatMap(({ axes }) => axes))],
      [row, coordinate, noise].flatMap((a) => (a === undefined ? [] : [a])),
    ),
    dimensions: row === undefined ? [] : [row],
    dtype,
    support: REAL,
    reparameterised: true,
    logProb: (x) => {
      const e = square(standardise(whiten(x)));
      return (noise === undefined ? e : sum(e, noise)).mul(-0.5).sub(logScale).sub(height);
    },
    sample: (key, axes) => {
      const over = axes.map((a) => (a === row && noise !== undefined ? noise : a));
      return unwhiten(spread(standardNormal(key, over, dtype)));
    },
  });
  const noiseOf = (x: Tensor): Noise => {
    const whitened = whiten(x);
    const standard = standardise(whitened);
    const inNoise = coordinate && noise ? along(whitened, coordinate, noise) : whitened;
    return { standard, whitened: inNoise, axis: noise };
  };
  return { vector, noiseOf };
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

/** The sum of the logarithms of a diagonal. */
function logDiagonal(
  x: Tensor,
  isDiagonal: boolean,
  row: Axis | undefined,
  column: Axis | undefined,
): Tensor {
  if (row === undefined) return log(x);
  if (!isDiagonal) return logDeterminant(x, row, column as Axis);
  return sum(x.has(row) ? log(x) : broadcastOver([row], log(x)), row);
}

/** `x` along another axis of the same size. */
function along(x: Tensor, from: Axis, to: Axis): Tensor {
  return gatherClamped(x, from, index(to));
}
