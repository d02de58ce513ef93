/** Guides that keep the dependences of the model: each latent given those that the model draws it from. */
import {
  bernoulli,
  bijectionTo,
  categorical,
  type Distribution,
  distribution,
  multivariateNormal,
  normal,
  REAL,
  transformed,
} from "../../distributions/internal.ts";
import type { Sites, Statement } from "../../model/index.ts";
import { zeros } from "../../nn/index.ts";
import {
  ANYTHING,
  cast,
  checkArguments,
  cholesky,
  computedValues,
  constant,
  exp,
  FUNCTION,
  index,
  log,
  logDeterminant,
  OBJECT,
  optional,
  optionsWith,
  rename,
  select,
  sigmoid,
  solveLower,
  solveLowerTransposed,
  sqrt,
  sum,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Coordinates } from "../density/coordinates.ts";
import type { Initialisation } from "../density/initialisation.ts";
import type { GuideContext, GuideFamily } from "./automatic.ts";
import { chainStepGuide } from "./chainNormal.ts";
import {
  logitsParam,
  type MeanFieldOptions,
  meanField,
  unconstrainedParam,
  withEventAxes,
} from "./families.ts";
import { type JointOptions, joint, productWith, type SiteShape, shapeOf } from "./joint.ts";

/** How `structured` starts. */
export interface StructuredOptions extends MeanFieldOptions, Pick<JointOptions, "noise"> {
  /** Where it begins, and what latents without parents are measured in; the priors unless given. */
  readonly coordinates?: Coordinates | undefined;
}

/**
 * Each latent is drawn from its own distribution in the model, given the guide's draws of the latents before
 * it, times a Gaussian pseudo-likelihood with learned mean and variance: so elements of a group follow
 * their mean and spread, and the steps of a chain each other. For normal latents with normal
 * likelihoods it is the posterior, given the latents at the root; cf. the potentials of Johnson et al., "Composing
 * graphical models with neural networks", NeurIPS 2016. Other latents, whose family is neither a multivariate normal nor
 * has a location and scale in unconstrained space, nor is discrete, are as in the mean field. With coordinates, latents whose
 * priors do not depend on others are jointly normal (`joint`), and pseudo-observations move with their noise.
 */
export function structured(given: StructuredOptions = {}): GuideFamily {
  checkArguments(
    "structured",
    { given },
    optionsWith<StructuredOptions>({ sd: ANYTHING, coordinates: ANYTHING, noise: ANYTHING }),
  );
  const { coordinates, noise, ...options } = given;
  const roots = new Set(coordinates?.sites.flatMap((site) => (site.hasParents ? [] : [site.name])));
  const takesNoise = (latent: string) => roots.has(latent);
  const simple =
    coordinates === undefined ? meanField(options) : joint({ coordinates, noise, takesNoise });
  const apart = coordinates === undefined ? simple : joint({ coordinates });
  return (statement, param, start, context) => {
    const isRoot = roots.has(statement.name);
    const conditional = isRoot
      ? undefined
      : (vectorGivenParents(statement, param, start, context, coordinates) ??
        withPseudoObservation(statement, param, start, { context, coordinates }));
    return conditional ?? (isRoot ? simple : apart)(statement, param, start, context);
  };
}

/**
 * As `family`, but in a chain with the normal along it of the coordinates; where there is none `structured`, as steps
 * depend too much on one another to be drawn apart.
 */
export function alongChains(family: GuideFamily, coordinates?: Coordinates): GuideFamily {
  checkArguments("alongChains", { family }, FUNCTION);
  checkArguments("alongChains", { coordinates }, optional(OBJECT));
  return (statement, param, start, context) => {
    const inChain = statement.plates.some(({ chain }) => chain);
    const known = inChain && coordinates && chainStepGuide(statement, param, context, coordinates);
    return (
      known ||
      (inChain && withPseudoObservation(statement, param, start)) ||
      family(statement, param, start, context)
    );
  };
}

/**
 * The prior times a likelihood. Of a location m and a scale s in unconstrained space, with a conjugate pseudo-observation
 * `NAME.pseudoObservation` = y of noise exp(`NAME.logPseudoNoise`) = t, by the Kalman gain g = s^2 / (s^2 + t^2):
 *
 *     normal(m + g (y - m), t sqrt(g)).
 *
 * Of a discrete latent the likelihood is exp(`NAME.logits`), for each of its values.
 */
function withPseudoObservation(
  statement: Statement,
  param: Sites["param"],
  start: Initialisation,
  { context, coordinates }: Around = {},
): Distribution | undefined {
  const { distribution: prior } = statement;
  const { support, parameters } = prior;
  if (support.kind === "binary" && "logits" in parameters) {
    const logits = parameters.logits.add(logitsParam(statement, param));
    return withEventAxes(bernoulli({ logits }), prior);
  }
  if (support.kind === "index" && "logits" in parameters) {
    const { axis } = support;
    const logits = parameters.logits.add(logitsParam(statement, param, axis));
    return withEventAxes(categorical({ logits }, axis), prior);
  }
  const { location, scale } = prior.locationScale?.() ?? {};
  if (location === undefined || scale === undefined) return undefined;
  const site = context && coordinates && shapeOf(statement, context);
  const known = site && centredBlock(site, coordinates);
  const width = known?.scale ?? start.scale;
  const value = unconstrainedParam(
    statement,
    param,
    "pseudoObservation",
    known === undefined ? start.start : () => known.location,
    width,
  ).add(site === undefined ? 0 : shiftOf(site, param, width));
  const logPseudoNoise = unconstrainedParam(statement, param, "logPseudoNoise", () => log(width));
  const gain = sigmoid(log(scale).sub(logPseudoNoise).mul(2));
  const mean = location.add(gain.mul(value.sub(location)));
  return withEventAxes(
    transformed(normal(mean, exp(logPseudoNoise).mul(sqrt(gain))), support),
    prior,
  );
}

/** The guide that a pseudo-observation is a part of, where it may depend on latents before. */
interface Around {
  readonly context?: GuideContext;
  readonly coordinates?: Coordinates | undefined;
}

/** Location and standard deviations of a latent in coordinates that are not in units of its prior, over its axes. */
function centredBlock(
  { name, dtype }: SiteShape,
  { sites, location, scales }: Coordinates,
): { readonly location: Tensor; readonly scale: Tensor } | undefined {
  const site = sites.find((each) => each.name === name);
  if (site === undefined || site.nonCentred) return undefined;
  const [x, sd] = [location, scales].map((all) =>
    computedValues(site.axes, all.slice(site.offset, site.offset + site.size), dtype),
  );
  return { location: x, scale: sd };
}

/** How a pseudo-observation moves with the noise of the latents before, over the axes of the draw. */
function shiftOf(site: SiteShape, param: Sites["param"], scale: Tensor): Tensor {
  const { name, dtype, outer, event, before, parents } = site;
  if (before === undefined) return constant(0, dtype);
  const matrix = param(`${name}.dependence`, [...outer, ...event, before], { init: zeros, dtype });
  return parents
    .map((parent) => productWith(matrix, before, parent, "standard"))
    .reduce((a, b) => a.add(b))
    .mul(scale);
}

/**
 * As `withPseudoObservation`, of a multivariate normal prior m + L v: with the precision Q Q^T of a pseudo-observation y,
 * v has the precision 1 + L^T Q Q^T L, and the mean that solves it for L^T Q Q^T (y - m). The parameters are y,
 * `NAME.pseudoObservation`, and the logarithms of the diagonal and the rest of Q, `NAME.pseudoPrecision`.
 */
function vectorGivenParents(
  statement: Statement,
  param: Sites["param"],
  start: Initialisation,
  context: GuideContext,
  coordinates: Coordinates | undefined,
): Distribution | undefined {
  const { name, distribution: prior, plates } = statement;
  const { eventAxes, dtype } = prior;
  const [row] = prior.dimensions;
  const linear = prior.linearNoise?.();
  if (linear === undefined || !linear.factor.has(linear.column)) return undefined;
  const { location: mean, factor, column } = linear;
  if (eventAxes.length > 1 || plates.some(({ chain }) => chain)) return undefined;
  const site = shapeOf(statement, context);
  const { outer } = site;
  const [inner, other] = ["precision", "coordinate"].map((what) =>
    context.axis(`${name} pseudo ${what}`, row.size),
  );
  const known = coordinates && centredBlock(site, coordinates);
  const scale = known?.scale ?? start.scale;
  const value = param(`${name}.pseudoObservation`, [...outer, row], {
    init: known === undefined ? start.start : () => known.location,
    learningRateScale: scale,
    dtype,
  }).add(coordinates === undefined ? 0 : shiftOf(site, param, scale));
  // Q, lower triangular over `row` and `inner`, begins as the inverse of the standard deviations.
  const triangle = bijectionTo({ kind: "choleskyFactor", row, column: inner });
  const root = triangle
    .forward(
      param(`${name}.pseudoPrecision`, [...outer, ...triangle.unconstrainedAxes([row, inner])], {
        init: zeros,
        dtype,
      }),
    )
    .div(scale);
  const lower = select(index(row).ge(index(column)), factor, 0);
  const loading = sum(root.mul(lower), row);
  const observed = sum(root.mul(value.sub(mean)), row);
  const precision = sum(loading.mul(rename(loading, column, other)), inner).add(
    cast(index(column).eq(index(other)), dtype),
  );
  const half = cholesky(precision, column, other);
  const centre = solveLowerTransposed(
    half,
    solveLower(half, sum(loading.mul(observed), inner), column, other),
    column,
    other,
  );
  const whitened = multivariateNormal(centre, { precision }, column, other);
  return distribution({
    name: "multivariateNormal given a pseudo-observation",
    parameters: { mean, factor, root, value },
    constraints: {},
    axes: withoutAxes(unionAxes(mean.axes, lower.axes, root.axes, value.axes), [
      row,
      column,
      inner,
      other,
    ]),
    dimensions: [row],
    dtype,
    support: REAL,
    reparameterised: true,
    logProb: (x) =>
      whitened
        .logProb(solveLower(lower, x.sub(mean), row, column))
        .sub(logDeterminant(lower, row, column)),
    sample: (key, axes) => {
      const over = axes.map((a) => (a === row ? column : a));
      return mean.add(sum(lower.mul(whitened.sample(key, over)), column));
    },
  });
}
