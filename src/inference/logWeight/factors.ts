/**
 * From two traces to the factors of the weight of a draw z from the guide,
 *
 *     log w = sum_observed log p(x | z) + sum_latents [log p(z | parents) - log q(z | parents)],
 *
 * each with the axes of its plates and of the particles of the draws that it depends on.
 */

import { kl } from "../../distributions/index.ts";
import { type Latent, type Observed, overPlates, type Plate } from "../../model/internal.ts";
import {
  type Axis,
  cast,
  logMeanExp,
  nodesOf,
  SurmiseError,
  sizeOf,
  type Tensor,
} from "../../tensor/internal.ts";
import { type ModelAndGuideTraces, particleAxes } from "../proposal/traces.ts";
import { combinesAlong } from "./combined.ts";
import { asTheyAre, heldFor, type KlForm, type Terms } from "./terms.ts";

/** One term of the log weight. */
export interface Factor {
  /** The site it comes from. */
  readonly site: string;
  /** float64, over its plates and the particles it depends on. */
  readonly value: Tensor;
  /** In a chain, as `value`, but each right only at the first step, or at the others. */
  readonly steps?: { readonly first: Tensor; readonly later: Tensor };
  /** The plates its site stands in, outermost first; the value may lack some of their axes. */
  readonly plates: readonly Plate[];
  /** The axes of those of its plates whose elements it does not keep apart: it puts values of latents at several together. */
  readonly combined?: readonly Axis[];
  /**
   * Of a guide's density that is a mixture over particles of its parents on other axes: the axes of its terms, each of
   * which is computed.
   */
  readonly mixture?: readonly Axis[];
}

/**
 * The factors of a model replayed on a guide. A latent's plates are the model's, so that a guide
 * need not repeat the totals of subsampled plates. Of discrete latents that the guide lacks, which are to be summed out
 * (`sumOut`), there is log p alone.
 *
 * @throws SurmiseError if `klForm` is `closed` or `entropy`, and a latent has no closed form; if it is `closed`, and the model
 * draws a latent given one that the guide draws given it.
 */
export function factorsOf(
  { model, guide, particles }: ModelAndGuideTraces,
  klForm: KlForm = "sampled",
  terms: Terms = asTheyAre,
): readonly Factor[] {
  const posteriors = new Map(guide.latents.map((latent) => [latent.name, latent]));
  const axes = particleAxes(particles);
  const values = new Set([...model.latents, ...guide.latents].map(({ value }) => value));
  /** The factor of a site: a function of its log density, or of those of its steps. */
  const factor = (
    { name, plates }: Latent | Observed,
    { logProb, steps }: Latent | Observed,
    term: (logDensity: Tensor) => Tensor,
  ): Factor => {
    const of = (density: Tensor) => term(cast(density, "float64"));
    const parts = steps && { steps: { first: of(steps.first()), later: of(steps.later()) } };
    const value = of(logProb());
    const combined = plates
      .filter(({ chain, axis }) => !chain && combinesAlong(value, axis, values))
      .map(({ axis }) => axis);
    return { site: name, value, plates, ...parts, ...(combined.length > 0 && { combined }) };
  };
  const latents = model.latents.flatMap((p) => {
    const q = posteriors.get(p.name);
    if (q === undefined) return [factor(p, p, terms.p)];
    if (klForm === "closed") {
      refuseReversed(q, p, guide.latents);
      return [{ site: p.name, value: cast(closedTerm(q, p), "float64"), plates: p.plates }];
    }
    if (klForm === "entropy") {
      const value = cast(entropyOf(q), "float64");
      return [factor(p, p, terms.p), { site: p.name, value, plates: p.plates }];
    }
    const held = heldFor(q, guide);
    const proposal = (density: Tensor) => terms.q(logProposal(density, q.value, axes), held).neg();
    const mixture = mixtureAxes(q, axes);
    const proposed = { ...factor(p, q, proposal), ...(mixture && { mixture }) };
    const isWhole = q.distribution.acrossPlates === true && p.plates.length > 0;
    return [factor(p, p, terms.p), isWhole ? outsidePlates(proposed) : proposed];
  });
  const observed = model.observed.map((site) => factor(site, site, terms.p));
  return [...latents, ...observed];
}

/** A factor whose density is of all elements of its plates together. */
function outsidePlates(factor: Factor): Factor {
  return { ...factor, value: overPlates(factor.value, factor.plates), plates: [] };
}

/** The same factor with `f` of its values. */
export function mapFactor<F extends Pick<Factor, "value" | "steps">>(
  { value, steps, ...rest }: F,
  f: (x: Tensor) => Tensor,
) {
  const mapped = steps && { steps: { first: f(steps.first), later: f(steps.later) } };
  return { ...rest, value: f(value), ...mapped };
}

/**
 * The log density of draws, given all particles of its parents: of parents on other particle
 * axes a draw has met any with equal probability, so it comes from the mixture
 *
 *     log q_mix(z^k) = log mean_j q(z^k | parent^j).
 *
 * With the density given one parent instead, paired as in p, the estimate of the evidence is biased.
 */
function logProposal(density: Tensor, draw: Tensor, particles: readonly Axis[]): Tensor {
  const foreign = foreignAxes(density, draw, particles);
  return foreign.length === 0 ? density : logMeanExp(density, ...foreign);
}

function foreignAxes(density: Tensor, draw: Tensor, particles: readonly Axis[]): readonly Axis[] {
  return particles.filter((a) => density.has(a) && !draw.has(a));
}

/** The axes of the terms of the largest mixture of a latent, if its density is one. */
function mixtureAxes(
  { value, logProb, steps }: Latent,
  particles: readonly Axis[],
): readonly Axis[] | undefined {
  const densities = steps ? [steps.first(), steps.later()] : [logProb()];
  const [largest] = densities
    .filter((density) => foreignAxes(density, value, particles).length > 0)
    .map(({ axes }) => axes)
    .sort((a, b) => sizeOf(b) - sizeOf(a));
  return largest;
}

function entropyOf({ name, distribution }: Latent): Tensor {
  const entropy = distribution.entropy();
  if (entropy === undefined) {
    throw new SurmiseError(
      `latent '${name}': there is no closed form of the entropy of a ${distribution.name}; use kl: "sampled"`,
    );
  }
  return entropy;
}

/**
 * The divergence of q(z) from p(z | w) is the mean of its log ratio for given w only. Where the guide draws w given z, the
 * mean of the ratio is another.
 */
function refuseReversed(q: Latent, p: Latent, latents: readonly Latent[]): void {
  const above = nodesOf(Object.values(p.distribution.parameters));
  if (!above.includes(q.value)) return;
  const later = latents.find(
    (w) => w !== q && above.includes(w.value) && nodesOf([w.value]).includes(q.value),
  );
  throw new SurmiseError(
    `latent '${p.name}': the model draws it given '${later?.name}', which the guide draws given it, so that its ` +
      'divergence has no closed form: use kl: "entropy" or "sampled"',
  );
}

function closedTerm(q: Latent, p: Latent): Tensor {
  const divergence = kl(q.distribution, p.distribution);
  if (divergence === undefined) {
    throw new SurmiseError(
      `latent '${p.name}': there is no closed form of the divergence of a ${q.distribution.name} ` +
        `from a ${p.distribution.name}; use kl: "sampled"`,
    );
  }
  return divergence.neg();
}
