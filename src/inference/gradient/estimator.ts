/** What a gradient estimator is: where the derivatives of a log evidence estimate stop. */
import type { Latent, Trace } from "../../model/index.ts";
import { stopGradient, type Tensor } from "../../tensor/index.ts";
import type { ParticleAxis } from "../proposal/traces.ts";

/**
 * How the terms of the latents are computed: estimators A and B of Kingma and Welling (ICLR 2014).
 * `sampled`: log p(z) - log q(z) at the draw. `closed`: -KL(q(z) || p(z)) given the parents of z.
 */
export type KlForm = "sampled" | "closed";

/**
 * What stands in the place of each part of the log weight log p(x, z) - log q(z), in value the same. The
 * scalar that comes of it is the estimate log P; its derivative is what the parameters move by.
 */
export interface GradientEstimator {
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
  /** log p of a site. */
  p(logDensity: Tensor): Tensor;
  /** log q of a latent. `stopped` holds the parameters of the guide constant, but not the draws. */
  q(logDensity: Tensor, stopped: (x: Tensor) => Tensor): Tensor;
  /** Acts once the particles are eliminated; the estimate as it is unless given. */
  after?(estimate: Estimate): Tensor;
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
}

/** An estimate of the log evidence whose particles have been eliminated. */
export interface Estimate {
  /** Float64 scalar. */
  readonly value: Tensor;
  /** The latents of the guide, whose values `value` is made of. */
  readonly latents: readonly Latent[];
  /** Normalised weights of the particles of a latent, float64 over its particles and plates. */
  weightsOf(latent: string): Tensor;
}

/** `x` as it is. */
export const through = (x: Tensor): Tensor => x;

/** `x` with its derivative times -1. */
export const reversed = (x: Tensor): Tensor => stopGradient(x).mul(2).sub(x);

/** A latent of the guide whose draws have no derivative with respect to its parameters. */
export function discreteLatent({ guide }: Combination): Latent | undefined {
  return guide.latents.find(({ distribution }) => !distribution.reparameterised);
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
    `gradient: "${name}" is about log q at the draw, which kl: "closed" has not: use kl: "sampled", ` +
    'or gradient: "total"'
  );
}
