/** What a model, its guide and their particles offer, and what gradient estimators and targets need of them. */
import { finiteValues, isDiscrete } from "../../distributions/internal.ts";
import type { Latent, Trace } from "../../model/index.ts";
import { nodesOf, type Tensor } from "../../tensor/internal.ts";
import type { KlForm } from "../logWeight/terms.ts";
import { missingInGuide, type ParticleAxis } from "../proposal/traces.ts";
import type { Requirement, Requiring } from "./requirement.ts";

/** What an estimator or a target is combined with. */
export interface Combination {
  /** The trace of the model p. */
  readonly model: Trace;
  /** The trace of the guide q. */
  readonly guide: Trace;
  /** The particle axes of the draws. */
  readonly particles: readonly ParticleAxis[];
  /** Whether KL terms are sampled or in closed form; sampled unless given. */
  readonly kl?: KlForm;
  /** The order of the Renyi bound; 0, that of the importance-weighted one, unless given. */
  readonly alpha?: number;
  /** What the divergence from the prior is multiplied by; 1 unless given. */
  readonly beta?: number | Tensor;
}

/** Something that an estimator or a target needs. */
export type Need = Requirement<Combination>;

/** A target, by what it needs. */
export interface Target extends Requiring<Combination> {
  /** In one line, for tables. */
  readonly about: string;
  /** Where it comes from. */
  readonly source: string;
}

/** A latent of the guide whose draws have no derivative with respect to its parameters. */
export function withoutDerivative({ guide, particles }: Combination): Latent | undefined {
  const stratified = new Set(strata(particles).flatMap(({ latents }) => latents));
  return guide.latents.find(({ name, distribution }) => {
    const drawn = stratified.has(name) ? distribution.components?.distribution : distribution;
    return drawn?.reparameterised !== true;
  });
}

/** The axes of components of mixtures. */
function strata(particles: readonly ParticleAxis[]): readonly ParticleAxis[] {
  return particles.filter(({ logWeights }) => logWeights !== undefined);
}

/** A latent of the guide whose distribution depends on draws of latents before it. */
export function dependentLatent({ guide }: Combination): Latent | undefined {
  const drawn = new Set<Tensor>();
  return guide.latents.find(({ value, distribution }) => {
    const depends = nodesOf(Object.values(distribution.parameters)).some((x) => drawn.has(x));
    drawn.add(value);
    return depends;
  });
}

/** Draws with derivatives by the parameters of the guide. */
export const reparameterised: Need = (combination) => {
  const latent = withoutDerivative(combination);
  if (latent === undefined) return undefined;
  return (
    `latent '${latent.name}': draws of a ${latent.distribution.name} have no derivative with respect to its ` +
    "parameters, which a reparameterised gradient needs: sum it out of the model, give it a " +
    'continuous distribution, train by gradient: "wake", or, to evaluate without training, use ' +
    'gradient: "none"'
  );
};

/** log q at the draw, which a closed form has not. */
export const sampledKl: Need = ({ kl = "sampled" }, who) => {
  if (kl === "sampled") return undefined;
  return (
    `gradient: "${who}" is about log q at the draw, which kl: "${kl}" has not: use kl: "sampled", ` +
    'or gradient: "total"'
  );
};

/** No draws from each component of a mixture. */
export const unstratified: Need = ({ particles }, who) => {
  const [stratum] = strata(particles);
  if (stratum === undefined) return undefined;
  return (
    `latent '${stratum.latents[0]}': gradient: "${who}" has no form for draws from each component of a mixture: use ` +
    '"total" or "path", or leave out particles.stratified'
  );
};

/** No latents in chains. */
export const unchained: Need = ({ guide, model }, who) => {
  const chained = [...guide.latents, ...model.latents].find(({ steps }) => steps !== undefined);
  if (chained === undefined) return undefined;
  return `latent '${chained.name}': gradient: "${who}" has no form for latents in a chain: use "total", "path" or "wake"`;
};

/** A guide whose latents depend on no particles on other axes; `others` are estimators that would do. */
export const onOneAxis =
  (others: string): Need =>
  (combination, who) => {
    const weighed = combination.particles.filter(({ kind }) => kind === "importance");
    const dependent = weighed.length > 1 ? dependentLatent(combination) : undefined;
    if (dependent === undefined) return undefined;
    return (
      `latent '${dependent.name}': its guide depends on other latents, whose particles are on other axes, for which ` +
      `gradient: "${who}" has no form: use particles.global, or ${others}, or a guide that does not`
    );
  };

/** Log weights that are averaged, where a KL term is in closed form. */
export const averagedWhereClosed: Need = ({ kl = "sampled", particles }) => {
  if (kl === "sampled" || particles.every(({ kind }) => kind === "average")) return undefined;
  return (
    `kl: "${kl}" replaces ${kl === "closed" ? "log p(z) - log q(z)" : "log q(z)"} by its mean, but an ` +
    'importance-weighted bound needs the weight of each particle: use kl: "sampled", or average or single particles'
  );
};

/** Log weights that are averaged, where the divergence from the prior is multiplied by a number. */
export const averagedWhereTempered: Need = ({ beta = 1, particles }, who) => {
  if (beta === 1 || particles.every(({ kind }) => kind === "average")) return undefined;
  return (
    `${who}: beta weighs the mean of log p(z) - log q(z), but particles that are weighted need the ratio of each: use ` +
    "single or average particles, as methods vi and structured do"
  );
};

/** Particles that are weighted, where the bound is one of another order. */
export const weightedWherePowered: Need = ({ alpha = 0, particles }, who) => {
  if (alpha === 0 || particles.some(({ kind }) => kind === "importance")) return undefined;
  return (
    `${who}: alpha ${alpha} is about the weights of particles, of which there are none: take weighted particles, such as ` +
    "particles.global(10), or leave alpha out"
  );
};

/** A guide that has every latent of the model: none is summed out. */
export const wholeGuide: Need = ({ model, guide }) => {
  const drawn = new Set(guide.latents.map(({ name }) => name));
  const missing = model.latents.find(({ name }) => !drawn.has(name));
  return missing && missingInGuide(missing.name);
};

/** Continuous latents of the guide, which have unconstrained numbers for Hamiltonian Monte Carlo to move. */
export const continuous: Need = ({ guide }, who) => {
  const discrete = guide.latents.find(({ distribution }) => isDiscrete(distribution.support));
  if (discrete === undefined) return undefined;
  const { name, distribution } = discrete;
  const remedy =
    finiteValues(distribution.support) === undefined
      ? "choose rws or mprws (fit), or train by bound"
      : "leave it out of the guide, or sum it out of the model, or train by bound";
  return (
    `latent '${name}': ${who} moves draws by Hamiltonian Monte Carlo, and no smooth map leads from the real line to the ` +
    `values of a ${distribution.name}: ${remedy}`
  );
};

/** Draws that are averaged: the divergence is a mean of logarithms. */
export const averagedDraws: Need = ({ particles }, who) => {
  if (particles.every(({ kind }) => kind === "average")) return undefined;
  return `${who} has a chain for each draw, and averages them: take particles.average, not particles that are weighted`;
};
