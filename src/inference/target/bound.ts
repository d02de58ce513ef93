import { overPlates, type Trace } from "../../model/internal.ts";
import {
  ANYTHING,
  type Axis,
  cast,
  checkArguments,
  exp,
  mean,
  oneOf,
  optional,
  optionsWith,
  realNumber,
  SurmiseError,
  sum,
  type Tensor,
} from "../../tensor/internal.ts";
import {
  ELIMINATION_OPTIONS,
  type Elimination,
  type EliminationOptions,
  eliminate,
} from "../elimination/eliminate.ts";
import { enumerateValues } from "../elimination/enumerate.ts";
import { particleWeights } from "../elimination/particleWeights.ts";
import { sumOut } from "../elimination/summedOut.ts";
import {
  type CarriedState,
  GRADIENT,
  type Gradient,
  gradientEstimator,
  type KlForm,
} from "../gradient/index.ts";
import { type ConstraintCheck, constraintChecks } from "../logWeight/constraints.ts";
import { type Factor, factorsOf, mapFactor } from "../logWeight/factors.ts";
import { improperLatents, logPriors } from "../logWeight/priors.ts";
import { KL_FORMS } from "../logWeight/terms.ts";
import { logWeightPerElement, sumOverPlates } from "../logWeight/weights.ts";
import { PARTICLES, type Particles, single } from "../proposal/particles.ts";
import {
  MODEL_AND_GUIDE,
  type ModelAndGuide,
  type ModelAndGuideTraces,
  type ParticleAxis,
  particleAxes,
  traceModelAndGuide,
} from "../proposal/traces.ts";
import {
  averagedWhereClosed,
  averagedWhereTempered,
  type Target,
  weightedWherePowered,
} from "../requirements/combination.ts";
import { checkRequirements } from "../requirements/requirement.ts";

/**
 * A model, its guide and data, and the choices that make the estimate: particles, KL terms,
 * gradient.
 */
export interface BoundOptions<Data> extends ModelAndGuide<Data>, EliminationOptions {
  /** `particles.single()` unless given. */
  readonly particles?: Particles;
  /** `sampled` unless given. */
  readonly kl?: KlForm;
  /** `total` unless given. */
  readonly gradient?: Gradient;
  /**
   * The order of the Renyi bound (Li and Turner, NeurIPS 2016) of weighted particles, any number but 1: 0, the
   * importance-weighted bound, unless given. Towards 1 it is the ELBO; below 0 it can lie above the log evidence.
   */
  readonly alpha?: number;
  /**
   * How often the divergence of the guide from the priors counts, log p(z) - log q(z) of each latent of the guide: a number, or
   * a scalar, of at least 0; 1 unless given. Larger than 1 it makes codes whose elements are told apart (beta-VAE, Higgins
   * and others, ICLR 2017); a schedule up to 1 is KL annealing (Bowman and others, CoNLL 2016). For single or average
   * particles; at another value than 1 it is no bound.
   */
  readonly beta?: number | Tensor;
}

/** An estimate of a lower bound on the log evidence, in nats, as expressions. */
export interface Bound {
  /**
   * An estimate of a lower bound on log p(all data), larger is better: a float64 scalar, scaled to
   * the whole data, plus the log priors of the parameters.
   */
  readonly bound: Tensor;
  /** What the gradient estimator carries from step to step: the state of control variates. */
  readonly state?: CarriedState;
  /** The bound of each element of a plate, float64 over its axis, neither scaled nor with priors. */
  perElement(plate: Axis): Tensor;
  /**
   * What each site adds to the mean log weight, and each parameter with a prior its log prior:
   * float64 scalars. Where the bound is not finite, they say which site is to blame.
   */
  readonly sites: Readonly<Record<string, Tensor>>;
  /** The constraints of the sites, to look for what makes the bound not finite. */
  constraintChecks(): readonly ConstraintCheck[];
  /** Latents whose priors have no finite integral. */
  readonly improper: readonly string[];
  /** The trace of the model, its latents replaced by the draws of the guide. */
  readonly trace: Trace;
  /** The trace of the guide. */
  readonly guideTrace: Trace;
  /** The particle axes of the draws, and how they were eliminated. */
  readonly particles: readonly ParticleAxis[];
  /** How the particle axes were summed out. */
  readonly elimination: Elimination;
}

/** The bound as a target. */
export const BOUND: Target = {
  name: "bound",
  about: "the bound on the log evidence, by any particles and gradient",
  source: "Kingma and Welling, ICLR 2014; Burda, Grosse and Salakhutdinov, ICLR 2016",
  requires: [averagedWhereClosed, averagedWhereTempered, weightedWherePowered],
};

/** What the entries of `BoundOptions` must be; numbers are checked where they are used. */
export const BOUND_OPTIONS = {
  ...MODEL_AND_GUIDE,
  ...ELIMINATION_OPTIONS,
  particles: optional(PARTICLES),
  gradient: optional(GRADIENT),
  kl: optional(oneOf(...KL_FORMS)),
  alpha: ANYTHING,
  beta: ANYTHING,
};
const OPTIONS = optionsWith<BoundOptions<unknown>>(BOUND_OPTIONS);

/**
 * The bound on the log evidence of the data that a guide q gives for a model p,
 *
 *     single:      log p(x, z) - log q(z),  z ~ q          the ELBO (in expectation)
 *     average:     the mean of it over L draws
 *     global:      log mean_k p(x, z_k) / q(z_k)            the importance-weighted bound
 *     massively parallel: log of the mean over all combinations of the draws of the latents,
 *     with beta:   log p(x | z) + beta (log p(z) - log q(z))
 *     with alpha:  1 / (1 - alpha) log mean_k (p(x, z_k) / q(z_k))^(1 - alpha)     the Renyi bound
 *
 * where the log of a mean is taken for each element of the innermost plates that hold all latents it
 * is over. exp(bound) is an unbiased estimate of the evidence where there are no averages. What its
 * derivative is depends on `gradient` (`GRADIENTS`).
 *
 * @throws SurmiseError naming the site if model and guide do not fit together, or a choice does not
 * fit them.
 *
 * @example const { bound: elbo } = bound({ model, guide, data, key: key(1), parameters: store });
 */
export function bound<Data>(options: BoundOptions<Data>): Bound {
  checkArguments("bound", { options }, OPTIONS);
  const {
    parameters,
    particles = single(),
    kl = "sampled",
    gradient = "total",
    alpha = 0,
    beta = 1,
  } = options;
  const power = powerOf(alpha);
  const estimator = gradientEstimator(gradient);
  const traces = traceModelAndGuide(options, particles, estimator.draw);
  const { model, guide, particles: drawn } = traces;
  const combination = { model, guide, particles: drawn, kl, alpha, beta };
  checkRequirements(combination, BOUND);
  checkRequirements(combination, estimator);
  const terms = factorsOf(traces, kl, estimator);
  const factors = sumOut(traces.enumeration, weighDivergence(terms, traces, beta), options);
  const tempered = alpha === 0 ? factors : factors.map((x) => mapFactor(x, (y) => y.mul(power)));
  const enumerated = enumerateValues(tempered, traces);
  const elimination = eliminate(enumerated.factors, enumerated.particles, options);
  const averages = drawn.filter(({ kind }) => kind === "average");
  const beforeMean = elimination.weights.map((x) =>
    alpha === 0 ? x : { ...x, value: x.value.div(power) },
  );
  const weights = beforeMean.map(({ value, plates }) => {
    return { value: averaged(value, averages), plates };
  });
  const estimate = sumOverPlates(weights);
  const plates = new Map(model.latents.map((latent) => [latent.name, latent.plates]));
  const moved = estimator.after?.({
    value: estimate,
    weights: beforeMean,
    steps: elimination.steps,
    averages: particleAxes(averages),
    latents: guide.latents.map((q) => ({ ...q, plates: plates.get(q.name) ?? q.plates })),
    beta,
    weightsOf: (name) =>
      particleWeights(
        model.latents.filter((latent) => latent.name === name),
        enumerated.factors,
        enumerated.particles,
        options,
      ),
  });
  const priors = logPriors([model, guide], parameters, estimator.p);
  return {
    bound: Object.values(priors).reduce((a, b) => a.add(b), moved?.value ?? estimate),
    ...(moved?.state && { state: moved.state }),
    perElement: (plate) => logWeightPerElement(weights, plate),
    sites: { ...contributions(factors, drawn), ...priors },
    constraintChecks: () => constraintChecks(guide, model),
    improper: improperLatents(model),
    trace: model,
    guideTrace: guide,
    particles: drawn,
    elimination,
  };
}

/** The factors, those of the divergence of the guide from the priors `beta` times. */
function weighDivergence(
  factors: readonly Factor[],
  { guide }: ModelAndGuideTraces,
  beta: number | Tensor,
): readonly Factor[] {
  if (beta === 1) return factors;
  if (typeof beta === "number") realNumber("bound: beta", beta, { least: 0 });
  const weight = typeof beta === "number" ? beta : cast(beta, "float64");
  const latents = new Set(guide.latents.map(({ name }) => name));
  return factors.map((x) => (latents.has(x.site) ? mapFactor(x, (y) => y.mul(weight)) : x));
}

/** The mean of `x` along those of the averages that it varies along; the weights of one may vary along those before. */
export function averaged(
  x: Tensor,
  averages: readonly Pick<ParticleAxis, "axis" | "logWeights">[],
): Tensor {
  return averages.reduceRight((value, { axis, logWeights }) => {
    if (!value.has(axis)) return value;
    if (logWeights === undefined) return mean(value, axis);
    return sum(value.mul(exp(cast(logWeights, "float64"))), axis);
  }, x);
}

/** Each site's part of the mean log weight. */
function contributions(factors: readonly Factor[], particles: readonly ParticleAxis[]) {
  const found: Record<string, Tensor> = {};
  const axes = particles.flatMap((own) => (own.link ? [own, { axis: own.link.previous }] : [own]));
  for (const { site, value, plates } of factors) {
    const part = overPlates(averaged(value, axes), plates);
    found[site] = found[site]?.add(part) ?? part;
  }
  return found;
}

/** What weights are taken to, for the Renyi bound of order `alpha`. */
function powerOf(alpha: number): number {
  realNumber("bound: alpha", alpha);
  if (alpha !== 1) return 1 - alpha;
  throw new SurmiseError(
    "bound: alpha 1 is the ELBO, the mean of the log weights: leave alpha out and take particles.average",
  );
}
