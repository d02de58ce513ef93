/**
 * From two traces to a bound on the log evidence. The log weight of a draw z from the guide is a sum
 * of factors,
 *
 *     log w = sum_observed log p(x | z) + sum_latents [log p(z | parents) - log q(z | parents)],
 *
 * each with the axes of its plates and, where it depends on draws, the particle axis. `eliminate`
 * removes a particle axis; `total` sums what is left over the plates.
 */
import { kl } from "../distributions/index.ts";
import { type Latent, overPlates, type Plate, scaleOf, type Trace } from "../model/index.ts";
import {
  type Axis,
  cast,
  constant,
  logMeanExp,
  mean,
  SurmiseError,
  type Tensor,
} from "../tensor/index.ts";
import type { Shared } from "./particles.ts";

/** One term of the log weight. */
export interface Factor {
  /** The site it comes from. */
  readonly site: string;
  /** float64, over its plates and, if it depends on draws, the particle axis. */
  readonly value: Tensor;
  /** The plates its site stands in, outermost first; the value may lack some of their axes. */
  readonly plates: readonly Plate[];
}

/** A sum of factors over the plates that they do not share. */
export interface Weight {
  readonly value: Tensor;
  readonly plates: readonly Plate[];
}

/**
 * How the terms of the latents are computed: estimators A and B of Kingma and Welling (ICLR 2014).
 * `sampled`: log p(z) - log q(z) at the draw. `closed`: -KL(q(z) || p(z)) given the parents of z.
 */
export type LatentTerms = "sampled" | "closed";

/**
 * The factors of a model replayed on a guide. A latent's plates are the model's, so that a guide
 * need not repeat the totals of subsampled plates.
 *
 * @throws SurmiseError if `terms` is `closed` and a latent has no closed-form divergence.
 */
export function factorsOf(model: Trace, guide: Trace, terms: LatentTerms): readonly Factor[] {
  const posteriors = new Map(guide.latents.map((latent) => [latent.name, latent]));
  const latents = model.latents.map((p) => {
    const q = posteriors.get(p.name) as Latent;
    const value = terms === "closed" ? closedTerm(q, p) : p.logProb().sub(q.logProb());
    return { site: p.name, value: cast(value, "float64"), plates: p.plates };
  });
  const observed = model.observed.map(({ name, logProb, plates }) => {
    return { site: name, value: cast(logProb(), "float64"), plates };
  });
  return [...latents, ...observed];
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

/**
 * The log weight on a particle axis: the sum of all factors that vary along it, inside the plates
 * that they all stand in and summed over the others. These are the innermost plates that contain
 * every latent on the axis and everything that depends on one, because inside them the weights of
 * different elements are independent, and outside they are not.
 */
export function logWeight(factors: readonly Factor[], particle: Axis): Weight {
  const varying = factors.filter((factor) => factor.value.has(particle));
  const [first, ...rest] = varying;
  if (first === undefined) return { value: constant(0, "float64"), plates: [] };
  const shared = first.plates.filter(({ axis }) =>
    rest.every((factor) => factor.plates.some((plate) => plate.axis === axis)),
  );
  const terms = varying.map(({ value, plates }) => overPlates(value, without(plates, shared)));
  return { value: terms.reduce((a, b) => a.add(b)), plates: shared };
}

/**
 * Removes the particle axis: log-mean-exp (`importance`) or mean (`average`) of the log weight.
 * Factors that do not vary along the axis come back as they are.
 *
 * @throws SurmiseError if log-mean-exp would stand outside a subsampled plate, where it is biased.
 */
export function eliminate(factors: readonly Factor[], { kind, axis }: Shared): readonly Weight[] {
  const constant = factors.filter((factor) => !factor.value.has(axis));
  if (constant.length === factors.length) return constant;
  const { value, plates } = logWeight(factors, axis);
  if (kind === "average") return [...constant, { value: mean(value, axis), plates }];
  for (const factor of factors) {
    if (factor.value.has(axis)) refuseSubsampling(factor, plates, axis);
  }
  return [...constant, { value: logMeanExp(value, axis), plates }];
}

function refuseSubsampling({ site, plates }: Factor, inside: readonly Plate[], particle: Axis) {
  const part = without(plates, inside).find((plate) => scaleOf(plate) !== 1);
  if (part === undefined) return;
  const { axis, total } = part;
  throw new SurmiseError(
    `site '${site}': plate '${axis.name}' holds ${axis.size} of ${total} elements and stands inside ` +
      `the importance-weighted axis '${particle.name}', which sites outside the plate vary along ` +
      "too; the log of a mean of scaled-up weights is biased: give the plate all its elements, or " +
      `use average(${particle.size}) or single()`,
  );
}

/** The sum over the plates, scaled to all data: a float64 scalar. */
export function total(weights: readonly Weight[]): Tensor {
  return weights
    .map(({ value, plates }) => overPlates(value, plates))
    .reduce((a, b) => a.add(b), constant(0, "float64"));
}

/** What belongs to each element of `plate`, its other plates summed: float64 over that axis. */
export function perElement(weights: readonly Weight[], plate: Axis): Tensor {
  const inside = weights.filter((weight) => weight.plates.some(({ axis }) => axis === plate));
  if (inside.length === 0) {
    throw new SurmiseError(
      `no term of the bound belongs to single elements of '${plate.name}': it is not a plate, or ` +
        "latents outside it share its particle axis",
    );
  }
  return inside
    .map(({ value, plates }) =>
      overPlates(
        value,
        plates.filter(({ axis }) => axis !== plate),
      ),
    )
    .reduce((a, b) => a.add(b));
}

function without(plates: readonly Plate[], removed: readonly Plate[]): readonly Plate[] {
  return plates.filter(({ axis }) => !removed.some((other) => other.axis === axis));
}
