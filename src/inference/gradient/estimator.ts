/** What a gradient estimator is: where the derivatives of a log evidence estimate stop. */
import type { Latent, Trace } from "../../model/index.ts";
import { type Axis, nodesOf, stopGradient, type Tensor } from "../../tensor/internal.ts";
import type { EliminationStep } from "../elimination/eliminate.ts";
import type { KlForm, Terms } from "../logWeight/terms.ts";
import type { LogWeight } from "../logWeight/weights.ts";
import type { Algorithm } from "../process/algorithm.ts";
import type { ParticleAxis } from "../proposal/traces.ts";

/**
 * What stands in the place of each part of the log weight log p(x, z) - log q(z), in value the same. The
 * scalar that comes of it is the estimate log P; its derivative is what the parameters move by.
 */
export interface GradientEstimator extends Terms {
  /** As `gradient` of `bound` and `fit` takes it. */
  readonly name: string;
  /** In one line, for tables. */
  readonly about: string;
  /** Where it comes from. */
  readonly source: string;
  /** Whether it leads to the derivative of the expected bound, for p and for q. */
  readonly unbiased: boolean;
  /** Why it cannot be used here, with what to do; undefined where it can. */
  requires(combination: Combination): string | undefined;
  /** What the model, and the guide of later latents, see of a draw. */
  draw(z: Tensor): Tensor;
  /** Acts once the particles are eliminated; the estimate as it is unless given. */
  after?(estimate: Estimate): Moved;
}

/** An estimate as an estimator leaves it. */
export interface Moved {
  /** In value the estimate; its derivative is the estimator's. Float64 scalar. */
  readonly value: Tensor;
  /** What is carried from step to step: the state of control variates. */
  readonly state?: CarriedState;
}

/** Pieces of state that stand beside the parameters. */
export type CarriedState = Pick<Algorithm, "initial" | "updates">;

/** All pieces of some states. */
export function joinStates(...states: readonly (CarriedState | undefined)[]): CarriedState {
  return {
    initial: Object.assign({}, ...states.map((state) => state?.initial)),
    updates: states.flatMap((state) => state?.updates ?? []),
  };
}

/** What an estimator is combined with. */
export interface Combination {
  /** The trace of the model p. */
  readonly model: Trace;
  /** The trace of the guide q. */
  readonly guide: Trace;
  /** The particle axes of the draws. */
  readonly particles: readonly ParticleAxis[];
  /** Whether KL terms are sampled or in closed form. */
  readonly kl: KlForm;
  /** The order of the Renyi bound; 0 for the importance-weighted one. */
  readonly alpha: number;
}

/** An estimate of the log evidence whose particles have been eliminated. */
export interface Estimate {
  /** Float64 scalar. */
  readonly value: Tensor;
  /** The terms that it is the sum of over their plates, each still over the axes of averages. */
  readonly weights: readonly LogWeight[];
  /** How the particle axes were summed out. */
  readonly steps: readonly EliminationStep[];
  /** The axes of averages. */
  readonly averages: readonly Axis[];
  /** The latents of the guide, whose values `value` is made of, in the plates of the model. */
  readonly latents: readonly Latent[];
  /** Normalised weights of the particles of a latent, float64 over its particles and plates. */
  weightsOf(latent: string): Tensor;
}

/** `x` as it is. */
export const through = (x: Tensor): Tensor => x;

/** `x` with its derivative times -1. */
export const reversed = (x: Tensor): Tensor => stopGradient(x).mul(2).sub(x);

/** A latent of the guide whose draws have no derivative with respect to its parameters. */
export function discreteLatent({ guide, particles }: Combination): Latent | undefined {
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

/** What is said where an estimator has no form for draws from each component of a mixture. */
export function refuseStrata({ particles }: Combination, name: string): string | undefined {
  const [stratum] = strata(particles);
  if (stratum === undefined) return undefined;
  return (
    `latent '${stratum.latents[0]}': gradient: "${name}" has no form for draws from each component of a mixture: use ` +
    '"total" or "path", or leave out particles.stratified'
  );
}

/** What is said where an estimator needs derivatives of draws, and there are none. */
export function refuseDiscrete(combination: Combination): string | undefined {
  const discrete = discreteLatent(combination);
  if (discrete === undefined) return undefined;
  const { name, distribution } = discrete;
  return (
    `latent '${name}': draws of a ${distribution.name} have no derivative with respect to its ` +
    "parameters, which a reparameterised gradient needs: sum it out of the model, give it a " +
    'continuous distribution, train by gradient: "wake", or, to evaluate without training, use ' +
    'gradient: "none"'
  );
}

/** What is said where an estimator is about log q at the draw, and a closed form has none. */
export function refuseClosed({ kl }: Combination, name: string): string | undefined {
  if (kl === "sampled") return undefined;
  return (
    `gradient: "${name}" is about log q at the draw, which kl: "${kl}" has not: use kl: "sampled", ` +
    'or gradient: "total"'
  );
}

/** What is said where an estimator has no form for the steps of a chain. */
export function refuseChains({ guide, model }: Combination, name: string): string | undefined {
  const chained = [...guide.latents, ...model.latents].find(({ steps }) => steps !== undefined);
  if (chained === undefined) return undefined;
  return `latent '${chained.name}': gradient: "${name}" has no form for latents in a chain: use "total", "path" or "wake"`;
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

/** What is said where the guide of a latent depends on particles on other axes. `others` would do. */
export function refuseForeign(
  combination: Combination,
  name: string,
  others: string,
): string | undefined {
  const weighed = combination.particles.filter(({ kind }) => kind === "importance");
  const dependent = weighed.length > 1 ? dependentLatent(combination) : undefined;
  if (dependent === undefined) return undefined;
  return (
    `latent '${dependent.name}': its guide depends on other latents, whose particles are on other axes, for which ` +
    `gradient: "${name}" has no form: use particles.global, or ${others}, or a guide that does not`
  );
}
