/**
 * From two traces to the factors of the weight of a draw z from the guide,
 *
 *     log w = sum_observed log p(x | z) + sum_latents [log p(z | parents) - log q(z | parents)],
 *
 * each with the axes of its plates and of the particles of the draws that it depends on.
 */
import { kl } from "../distributions/index.ts";
import type { Latent, Plate } from "../model/index.ts";
import { type Axis, cast, logMeanExp, SurmiseError, type Tensor } from "../tensor/index.ts";
import { GRADIENTS, type Gradient } from "./gradients.ts";
import type { Traces } from "./traces.ts";

/** One term of the log weight. */
export interface Factor {
  /** The site it comes from. */
  readonly site: string;
  /** float64, over its plates and the particles it depends on. */
  readonly value: Tensor;
  /** The plates its site stands in, outermost first; the value may lack some of their axes. */
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
export function factorsOf(
  { model, guide, particles }: Traces,
  terms: LatentTerms = "sampled",
  gradient: Gradient = "reparameterised",
): readonly Factor[] {
  const rule = GRADIENTS[gradient];
  const posteriors = new Map(guide.latents.map((latent) => [latent.name, latent]));
  const axes = particles.map(({ axis }) => axis);
  const factor = ({ name, plates }: { name: string; plates: readonly Plate[] }, value: Tensor) => {
    return { site: name, value, plates };
  };
  const latents = model.latents.flatMap((p) => {
    const q = posteriors.get(p.name) as Latent;
    if (terms === "closed") return [factor(p, cast(closedTerm(q, p), "float64"))];
    const prior = rule.p(cast(p.logProb(), "float64"));
    const proposal = rule.q(logProposal(q, axes));
    return [factor(p, prior), factor(p, proposal.neg())];
  });
  const observed = model.observed.map((site) =>
    factor(site, rule.p(cast(site.logProb(), "float64"))),
  );
  return [...latents, ...observed];
}

/**
 * The log density of the draws of `q`, given all particles of its parents: of parents on other particle
 * axes a draw has met any with equal probability, so it comes from the mixture
 *
 *     log q_mix(z^k) = log mean_j q(z^k | parent^j).
 *
 * With the density given one parent instead, paired as in p, the estimate of the evidence is biased.
 */
function logProposal(q: Latent, particles: readonly Axis[]): Tensor {
  const density = cast(q.logProb(), "float64");
  const foreign = particles.filter((a) => density.has(a) && !q.value.has(a));
  return foreign.length === 0 ? density : logMeanExp(density, ...foreign);
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
