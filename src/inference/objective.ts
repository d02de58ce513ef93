import { overPlates, type Param, type Parameters, type Trace } from "../model/index.ts";
import { type Axis, cast, mean, SurmiseError, sum, type Tensor } from "../tensor/index.ts";
import { eliminate, type Factor, factorsOf, type LatentTerms, perElement, total } from "./bound.ts";
import { type Particles, single } from "./particles.ts";
import { type Pair, traceBoth } from "./traces.ts";

export interface BoundOptions<Data> extends Pair<Data> {
  /** single() unless given. */
  readonly particles?: Particles;
  /** `sampled` unless given. */
  readonly kl?: LatentTerms;
  /**
   * What the bound is for: `reparameterised` (unless given), to be differentiated through the
   * draws; `none`, to be looked at only.
   */
  readonly gradient?: "reparameterised" | "none";
}

export interface Bound {
  /**
   * An estimate of a lower bound on log p(all data), larger is better: a float64 scalar, scaled to
   * the whole data, plus the log priors of the parameters.
   */
  readonly bound: Tensor;
  /** The bound of each element of a plate, float64 over its axis, neither scaled nor with priors. */
  perElement(plate: Axis): Tensor;
  /**
   * What each site adds to the mean log weight, and each parameter with a prior its log prior:
   * float64 scalars. Where the bound is not finite, they say which site is to blame.
   */
  readonly sites: Readonly<Record<string, Tensor>>;
  readonly trace: Trace;
  readonly guideTrace: Trace;
}

/**
 * The bound on the log evidence of the data that a guide q gives for a model p,
 *
 *     single:      log p(x, z) - log q(z),  z ~ q          the ELBO (in expectation)
 *     average:     the mean of it over L draws
 *     importance:  log mean_k p(x, z_k) / q(z_k)            the importance-weighted bound,
 *
 * where the log of the mean is taken for each element of the innermost plates that hold all latents.
 *
 * @throws SurmiseError naming the site if model and guide do not fit together, or a choice does not
 * fit them.
 *
 * @example const { bound: elbo } = bound({ model, guide, data, key: key(1), parameters: store });
 */
export function bound<Data>(options: BoundOptions<Data>): Bound {
  const { parameters, particles = single(), kl = "sampled" } = options;
  if (kl === "closed" && particles.kind === "importance") refuseClosedImportance();
  const axes = particles.kind === "single" ? [] : [particles.axis];
  const { model, guide } = traceBoth(options, axes);
  if (options.gradient !== "none") checkReparameterised(guide);
  const factors = factorsOf(model, guide, kl);
  const weights = particles.kind === "single" ? factors : eliminate(factors, particles);
  const priors = logPriors([model, guide], parameters);
  return {
    bound: Object.values(priors).reduce((a, b) => a.add(b), total(weights)),
    perElement: (plate) => perElement(weights, plate),
    sites: { ...contributions(factors, axes), ...priors },
    trace: model,
    guideTrace: guide,
  };
}

/** Each site's part of the mean log weight. */
function contributions(factors: readonly Factor[], particles: readonly Axis[]) {
  const entries = factors.map(({ site, value, plates }) => {
    const present = particles.filter((a) => value.has(a));
    return [site, overPlates(present.length === 0 ? value : mean(value, ...present), plates)];
  });
  return Object.fromEntries(entries) as Record<string, Tensor>;
}

/** The log prior of each parameter of the traces that has one: float64 scalars. */
function logPriors(traces: readonly Trace[], store: Parameters): Record<string, Tensor> {
  const used = new Set(traces.flatMap(({ params }) => params.map(({ name }) => name)));
  const entries = store
    .list()
    .filter(({ name }) => used.has(name))
    .flatMap(({ name, prior, value }: Param) =>
      prior === undefined ? [] : [[name, cast(sum(prior.logProb(value)), "float64")]],
    );
  return Object.fromEntries(entries) as Record<string, Tensor>;
}

function checkReparameterised(guide: Trace): void {
  const discrete = guide.latents.find(({ distribution }) => !distribution.reparameterised);
  if (discrete === undefined) return;
  const { name, distribution } = discrete;
  throw new SurmiseError(
    `latent '${name}': draws of a ${distribution.name} have no derivative with respect to its ` +
      "parameters, which a reparameterised gradient needs: sum it out of the model, give it a " +
      'continuous distribution, or, to evaluate without training, use gradient: "none"',
  );
}

function refuseClosedImportance(): never {
  throw new SurmiseError(
    'kl: "closed" replaces log p(z) - log q(z) by its mean, but an importance-weighted bound needs ' +
      'the weight of each particle: use kl: "sampled", or average or single particles',
  );
}
