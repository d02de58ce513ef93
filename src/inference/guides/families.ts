/** What automatic guides are made of: the approximation of one latent, by the kind of its support. */
import {
  bernoulli,
  betaBinomial,
  bijectionTo,
  categorical,
  type Distribution,
  describeSupport,
  isDiscrete,
  lowRankNormal,
  negativeBinomial,
  normal,
  type SupportKind,
  type SupportOf,
  transformed,
} from "../../distributions/internal.ts";
import { type Initialiser, ownAxes, type Sites, type Statement } from "../../model/internal.ts";
import { normalInit, zeros } from "../../nn/index.ts";
import {
  ANYTHING,
  type Axis,
  checkArguments,
  constant,
  exp,
  log,
  optionsWith,
  realNumber,
  SurmiseError,
  sigmoid,
  type Tensor,
  wholeNumber,
} from "../../tensor/internal.ts";
import type { Initialisation } from "../density/initialisation.ts";
import type { GuideFamily } from "./automatic.ts";

/** How `meanField` starts. */
export interface MeanFieldOptions {
  /** The initial standard deviation in unconstrained space, in prior standard deviations; 0.1 unless given. */
  readonly sd?: number;
}

/** How `lowRank` starts, and the rank of its covariance. */
export interface LowRankOptions extends MeanFieldOptions {
  /** 2 unless given. */
  readonly rank?: number;
}

/**
 * Independent elements: a normal in the unconstrained space of the support (Kucukelbir et al., "Automatic
 * differentiation variational inference", JMLR 18, 2017), with the parameters `NAME.mean` and
 * `NAME.logSd`; for discrete latents a Bernoulli or categorical with logits of their own, `NAME.logits`, or a
 * negative or beta-binomial distribution of counts.
 *
 * @throws SurmiseError if `sd` is not a positive number, or naming a latent for which there is no such distribution.
 */
export function meanField(options: MeanFieldOptions = {}): GuideFamily {
  checkArguments("meanField", { options }, optionsWith<MeanFieldOptions>({ sd: ANYTHING }));
  const { sd = 0.1 } = options;
  realNumber("sd of a guide", sd, { above: 0 });
  return (statement, param, start) => {
    const { distribution: prior } = statement;
    const discrete = DISCRETE[prior.support.kind];
    if (discrete !== undefined) return withEventAxes(discrete(statement, param, start), prior);
    refuseDiscrete(statement, "no automatic guide is made for it", "write a guide");
    const { mean, logSd } = meanAndLogSd(statement, param, start, sd);
    return withEventAxes(transformed(normal(mean, exp(logSd)), prior.support), prior);
  };
}

/**
 * As the mean field, but the elements of one draw, along the event axes of a latent, depend on one another:
 * the normal in unconstrained space has a covariance of `rank` directions besides its diagonal, with the
 * parameter `NAME.factor` along the axis `NAME rank`.
 *
 * @throws SurmiseError if `rank` is not a whole number of at least 1, or as `meanField`.
 */
export function lowRank(options: LowRankOptions = {}): GuideFamily {
  checkArguments(
    "lowRank",
    { options },
    optionsWith<LowRankOptions>({ sd: ANYTHING, rank: ANYTHING }),
  );
  const { rank = 2, sd = 0.1 } = options;
  const simple = meanField({ sd });
  wholeNumber("lowRank: rank", rank, { least: 1, most: 2 ** 31 - 1 });
  return (statement, param, start, context) => {
    const { name, distribution: prior } = statement;
    const { support, eventAxes, dtype } = prior;
    if (eventAxes.length === 0 || isDiscrete(support)) {
      return simple(statement, param, start, context);
    }
    const directions = context.axis(`${name} rank`, rank);
    const { mean, logSd } = meanAndLogSd(statement, param, start, sd);
    const noise = normalInit(sd / Math.sqrt(rank));
    const factor = param(`${name}.factor`, [directions, ...mean.axes], {
      init: (...of) => noise(...of).mul(start.scale),
      learningRateScale: start.scale,
      dtype,
    });
    const unconstrained = { mean, sd: exp(logSd), factor, rank: directions };
    return transformed(
      lowRankNormal(unconstrained, ...bijectionTo(support).unconstrainedAxes(eventAxes)),
      support,
    );
  };
}

/** The guide of a discrete latent. */
type DiscreteFamily = (
  statement: Statement,
  param: Sites["param"],
  start: Initialisation,
) => Distribution;

const bernoulliGuide: DiscreteFamily = (statement, param) => {
  return bernoulli({ logits: logitsParam(statement, param) });
};

const categoricalGuide: DiscreteFamily = (statement, param) => {
  const { axis } = statement.distribution.support as SupportOf<"index">;
  return categorical({ logits: logitsParam(statement, param, axis) }, axis);
};

/** Counts with a mean and a dispersion of their own: negative binomial, or beta-binomial where there is a most. */
const countGuide: DiscreteFamily = (
  { name, distribution: prior, plates },
  param,
  { location: centre },
) => {
  const { most } = prior.support as SupportOf<"count">;
  const { dtype } = prior;
  const positive = (what: string, initial: Tensor) =>
    param(`${name}.${what}`, ownAxes(plates, prior), { init: () => initial, dtype });
  if (most === undefined) {
    const mean = exp(positive("logMean", centre));
    const dispersion = exp(positive("logDispersion", constant(Math.log(0.1), dtype)));
    return negativeBinomial({ mean, dispersion });
  }
  const logits = positive("logits", centre);
  const trials = exp(positive("logTrials", constant(Math.log(10), dtype)));
  const [alpha, beta] = [logits, logits.neg()].map((l) => sigmoid(l).mul(trials));
  return betaBinomial(most, alpha, beta);
};

const DISCRETE: { readonly [K in SupportKind]?: DiscreteFamily } = {
  binary: bernoulliGuide,
  index: categoricalGuide,
  count: countGuide,
};

/** `NAME.logits` of a latent that is 0 or 1, or a position along `axis`; initially 0. */
export function logitsParam(
  { name, distribution: prior, plates }: Statement,
  param: Sites["param"],
  axis?: Axis,
): Tensor {
  const own = ownAxes(plates, prior);
  return axis === undefined
    ? param(`${name}.logits`, own, { init: zeros, dtype: prior.dtype })
    : param(`${name}.logits`, [...own, axis], { init: zeros });
}

/** The mean at the prior's location, and a standard deviation of `sd` times the prior's scale. */
function meanAndLogSd(
  statement: Statement,
  param: Sites["param"],
  start: Initialisation,
  sd: number,
) {
  return {
    mean: unconstrainedParam(statement, param, "mean", start.start, start.scale),
    logSd: unconstrainedParam(statement, param, "logSd", () => log(start.scale).add(Math.log(sd))),
  };
}

/** A parameter over the unconstrained axes of a latent. */
export function unconstrainedParam(
  { name, distribution: prior, plates }: Statement,
  param: Sites["param"],
  what: string,
  init: Initialiser,
  learningRateScale?: Tensor,
): Tensor {
  const axes = bijectionTo(prior.support).unconstrainedAxes(ownAxes(plates, prior));
  const options = {
    init,
    dtype: prior.dtype,
    ...(learningRateScale && { learningRateScale }),
  };
  return param(`${name}.${what}`, axes, options);
}

/** `q` with the event axes of the distribution whose place it takes. */
export function withEventAxes(q: Distribution, { eventAxes }: Distribution): Distribution {
  return q.event(...eventAxes);
}

function refuseDiscrete(
  { name, distribution: { support } }: Statement,
  why: string,
  what: string,
): void {
  if (!isDiscrete(support)) return;
  throw new SurmiseError(
    `latent '${name}' has the support '${describeSupport(support)}': ${why}; sum it out of the model, ` +
      `or ${what}`,
  );
}
