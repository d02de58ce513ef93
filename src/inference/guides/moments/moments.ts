/** Guides in exponential families that are given by the expectations of their statistics: what QEM averages. */
import {
  bernoulli,
  beta,
  betaBinomial,
  bijectionTo,
  categorical,
  type Distribution,
  dirichlet,
  type ExponentialFamily,
  gamma,
  isDiscrete,
  type Moment,
  negativeBinomial,
  normal,
  type SupportKind,
  type SupportOf,
  transformed,
  withMoments,
} from "../../../distributions/internal.ts";
import { type Initialiser, ownAxes, type Sites, type Statement } from "../../../model/internal.ts";
import {
  ANYTHING,
  type Axis,
  cast,
  checkArguments,
  computedValues,
  constant,
  constantOfType,
  digamma,
  exp,
  index,
  log,
  log1p,
  maximum,
  minimum,
  optionsWith,
  realNumber,
  SurmiseError,
  select,
  sigmoid,
  sqrt,
  square,
  type Tensor,
} from "../../../tensor/internal.ts";
import type { Coordinates } from "../../density/coordinates.ts";
import type { Initialisation } from "../../density/initialisation.ts";
import type { GuideContext, GuideFamily } from "../automatic.ts";
import { withEventAxes } from "../families.ts";
import { dirichletFromLogMeans, gammaFromMeans } from "./logMeans.ts";

/** Where guides of moments begin. */
export interface MomentOptions {
  /** The initial standard deviation of normals in unconstrained space, in prior standard deviations; 1 unless given. */
  readonly sd?: number;
  /** Where it begins; the priors unless given. */
  readonly coordinates?: Coordinates | undefined;
}

/**
 * Independent elements in exponential families whose parameters are moments, expectations of statistics, from which
 * the usual parameters follow in closed form or by a few Newton steps: gamma, beta and Dirichlet for priors of
 * these families, Bernoulli and categorical for discrete latents, counts by mean and variance, and a normal in
 * the unconstrained space of the support for all others. Moments are float64 parameters `NAME.moment.WHAT`, which
 * `gradient: "qem"` with `sgd` averages.
 *
 * @throws SurmiseError if `sd` is not a positive number, or naming a latent for which there is no such family.
 *
 * @example fit({ model, guide: automaticGuide(model, momentGuide()), gradient: "qem", optimiser: sgd(0.1), ... })
 */
export function momentGuide(options: MomentOptions = {}): GuideFamily {
  checkArguments(
    "momentGuide",
    { options },
    optionsWith<MomentOptions>({ sd: ANYTHING, coordinates: ANYTHING }),
  );
  const { sd = 1, coordinates } = options;
  realNumber("sd of a guide", sd, { above: 0 });
  return (statement, param, start, { here }) => {
    const { name, distribution: prior } = statement;
    const moments: Moment[] = [];
    const site: MomentSite = {
      ...{ statement, start, sd, coordinates, here },
      moment(what, axes, init, statistic) {
        const initial: Initialiser = typeof init === "function" ? init : () => init;
        const expectation = declare(param, `${name}.moment.${what}`, axes, initial);
        moments.push({ expectation, statistic: (draw) => statistic(cast(draw, "float64")) });
        return expectation;
      },
    };
    const known = prior.exponentialFamily && BY_FAMILY[prior.exponentialFamily];
    const family = known ?? BY_SUPPORT[prior.support.kind] ?? unconstrainedNormal;
    if (family === unconstrainedNormal && isDiscrete(prior.support)) {
      throw new SurmiseError(
        `latent '${name}', a ${prior.name}: there is no guide of moments for it; sum it out of the model, or choose another method`,
      );
    }
    return withMoments(withEventAxes(family(site), prior), moments);
  };
}

/** One latent, and how its guide declares moments. */
interface MomentSite {
  readonly statement: Statement;
  readonly start: Initialisation;
  readonly sd: number;
  readonly coordinates: Coordinates | undefined;
  readonly here: GuideContext["here"];
  /** The expectation of a statistic, over `axes`. */
  moment(
    what: string,
    axes: readonly Axis[],
    init: Tensor | Initialiser,
    statistic: (draw: Tensor) => Tensor,
  ): Tensor;
}

type MomentFamily = (site: MomentSite) => Distribution;

function declare(
  param: Sites["param"],
  name: string,
  axes: readonly Axis[],
  init: Initialiser,
): Tensor {
  return param(name, axes, { init, dtype: "float64", isMoment: true });
}

const one = constant(1, "float64");
const wide = (x: Tensor) => cast(x, "float64");

/** The smallest variance that is more than the rounding of a second moment, relative to it. */
const LEAST_VARIANCE = 1e-14;

/** The mean and variance of E[u] and E[u^2]. */
function meanAndVariance(first: Tensor, second: Tensor) {
  const squared = square(first);
  return {
    mean: first,
    variance: maximum(second.sub(squared), squared.add(1).mul(LEAST_VARIANCE)),
  };
}

/** A normal by E[u] and E[u^2], of u in units of where it begins. */
const unconstrainedNormal: MomentFamily = (site) => {
  const { distribution: prior, plates } = site.statement;
  const { support, dtype } = prior;
  const map = bijectionTo(support);
  const axes = map.unconstrainedAxes(ownAxes(plates, prior));
  const { begin, ...whole } = units(site);
  const [location, scale] = [whole.location, whole.scale].map(site.here);
  const u = (z: Tensor) => map.inverse(z).sub(location).div(scale);
  const first = site.moment("mean", axes, begin, u);
  const second = site.moment("square", axes, one, (z) => square(u(z)));
  const { mean, variance } = meanAndVariance(first, second);
  const draw = normal(
    cast(location.add(mean.mul(scale)), dtype),
    cast(scale.mul(sqrt(variance)), dtype),
  );
  return transformed(draw, support);
};

/** Where a latent begins in unconstrained space, float64, and the first moment there. */
function units({
  statement: {
    name,
    distribution: { dtype },
  },
  start,
  sd,
  coordinates,
}: MomentSite): {
  readonly location: Tensor;
  readonly scale: Tensor;
  readonly begin: Initialiser;
} {
  const site = coordinates?.sites.find((each) => each.name === name && !each.nonCentred);
  if (coordinates === undefined || site === undefined) {
    const [location, scale] = [wide(start.location), wide(start.scale).mul(sd)];
    const begin: Initialiser = (key, axes) =>
      wide(start.start(key, axes, dtype))
        .sub(location)
        .div(scale);
    return { location, scale, begin };
  }
  const [location, scale] = [coordinates.location, coordinates.scales].map((all) =>
    computedValues(site.axes, all.slice(site.offset, site.offset + site.size), "float64"),
  );
  return { location, scale, begin: () => constant(0, "float64") };
}

/** By E[x] and E[log x], of x in units of where it begins. */
const gammaByMoments: MomentFamily = (site) => {
  const { distribution: prior, plates } = site.statement;
  const axes = ownAxes(plates, prior);
  const { location, scale } = units(site);
  const unit = exp(site.here(location));
  // trigamma(shape), the variance of log x, is about 1 / (shape - 1 / 2).
  const shape = one.div(square(scale)).add(0.5);
  const mean = site.moment("mean", axes, exp(log(shape).sub(digamma(shape))), (x) => x.div(unit));
  const logMean = site.moment("log", axes, constant(0, "float64"), (x) =>
    log(maximum(x, SMALLEST).div(unit)),
  );
  const found = gammaFromMeans(mean, logMean);
  return gamma(cast(found.shape, prior.dtype), cast(found.rate.div(unit), prior.dtype));
};

/** Draws that have become 0 stand for it. */
const SMALLEST = cast(
  constantOfType({ float32: 1e-38, float64: 2 ** -1022 }, "float32"),
  "float64",
);

/** By E[log x] and E[log (1 - x)]. */
const betaByMoments: MomentFamily = (site) => {
  const { distribution: prior, plates } = site.statement;
  const axes = ownAxes(plates, prior);
  const { location, scale } = units(site);
  // The variance of the logit is about 1 / alpha + 1 / beta.
  const [alpha, inverse] = [location.neg(), location].map((l) =>
    one.div(square(scale).mul(sigmoid(l))),
  );
  const level = digamma(alpha.add(inverse));
  const inside = (x: Tensor) => maximum(x, SMALLEST);
  const below = site.moment("log", axes, digamma(alpha).sub(level), (x) => log(inside(x)));
  const above = site.moment("logRest", axes, digamma(inverse).sub(level), (x) =>
    log1p(minimum(x, 1 - 1e-16).neg()),
  );
  const [a, b] = dirichletFromLogMeans([below, above]);
  return beta(cast(a, prior.dtype), cast(b, prior.dtype));
};

/** By E[log x_k]. */
const dirichletByMoments: MomentFamily = (site) => {
  const { distribution: prior, plates } = site.statement;
  const { axis } = prior.support as SupportOf<"simplex">;
  const begin = digamma(constant(2, "float64")).sub(digamma(constant(2 * axis.size, "float64")));
  const logs = site.moment("log", ownAxes(plates, prior), begin, (x) => log(maximum(x, SMALLEST)));
  const [concentration] = dirichletFromLogMeans([logs], axis);
  return dirichlet(cast(concentration, prior.dtype), axis);
};

/** No value's probability is smaller: it would never be drawn again. */
const LEAST_CHANCE = 1e-6;

const bernoulliByMoments: MomentFamily = ({
  statement: { distribution: prior, plates },
  moment,
}) => {
  const mean = moment("mean", ownAxes(plates, prior), constant(0.5, "float64"), (x) => x);
  const p = minimum(maximum(mean, LEAST_CHANCE), 1 - LEAST_CHANCE);
  return bernoulli({ logits: cast(log(p).sub(log1p(p.neg())), prior.dtype) });
};

const categoricalByMoments: MomentFamily = ({
  statement: { distribution: prior, plates },
  moment,
}) => {
  const { axis } = prior.support as SupportOf<"index">;
  const each = constant(1 / axis.size, "float64");
  const chances = moment("chances", [...ownAxes(plates, prior), axis], each, (x) =>
    select(x.eq(cast(index(axis), "float64")), one, 0),
  );
  return categorical({ logits: cast(log(maximum(chances, LEAST_CHANCE)), "float32") }, axis);
};

/** Counts by mean and variance: negative binomial, or beta-binomial where there is a most. */
const countByMoments: MomentFamily = ({
  statement: { distribution: prior, plates },
  start,
  moment,
  here,
}) => {
  const { most } = prior.support as SupportOf<"count">;
  const { dtype } = prior;
  const axes = ownAxes(plates, prior);
  const location = wide(start.location);
  const total = most && wide(most);
  const whole = total ?? exp(location);
  const unit = total ?? here(whole);
  const begin = total === undefined ? one : sigmoid(location);
  // A dispersion of 0.1, or a concentration of 10.
  const extra =
    total === undefined
      ? one.div(whole).add(0.1)
      : begin.mul(begin.neg().add(1)).div(whole).mul(whole.sub(1).div(11).add(1));
  const first = moment("mean", axes, begin, (x) => x.div(unit));
  const second = moment("square", axes, square(begin).add(extra), (x) => square(x.div(unit)));
  const { mean, variance } = meanAndVariance(first, second);
  if (most === undefined || total === undefined) {
    const dispersion = variance.sub(mean.div(unit)).div(square(mean));
    return negativeBinomial({
      mean: cast(maximum(mean.mul(unit), 1e-6), dtype),
      dispersion: cast(maximum(dispersion, 1e-3), dtype),
    });
  }
  const share = minimum(maximum(mean, LEAST_CHANCE), 1 - LEAST_CHANCE);
  const ratio = variance.mul(unit).div(share.mul(share.neg().add(1)));
  const concentration = unit
    .sub(1)
    .div(maximum(ratio.sub(1), 1e-9))
    .sub(1);
  return betaBinomial(most, {
    mean: cast(share, dtype),
    concentration: cast(minimum(maximum(concentration, 0.01), 1e4), dtype),
  });
};

/** By the exponential family of the prior: those that are conjugate to something. */
const BY_FAMILY: Readonly<Record<ExponentialFamily, MomentFamily>> = {
  gamma: gammaByMoments,
  beta: betaByMoments,
  dirichlet: dirichletByMoments,
};

const BY_SUPPORT: { readonly [K in SupportKind]?: MomentFamily } = {
  binary: bernoulliByMoments,
  index: categoricalByMoments,
  count: countByMoments,
};
