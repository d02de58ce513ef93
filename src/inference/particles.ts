import { type Axis, axis } from "../tensor/index.ts";

/**
 * How often the latents are drawn, and what becomes of the draws. All latents of the guide share
 * one particle axis; where it is eliminated follows from the axes (`eliminate`).
 */
export type Particles = Single | Shared;

/** One draw of each latent. */
export interface Single {
  readonly kind: "single";
}

/** Draws along one axis, shared by all latents of the guide. */
export interface Shared {
  /** `importance`: the log of the mean weight; `average`: the mean of the log weight. */
  readonly kind: "importance" | "average";
  readonly axis: Axis;
}

/** One draw of each latent: with a guide q of p, the bound is an estimate of the ELBO. */
export function single(): Single {
  return { kind: "single" };
}

/**
 * `k` draws weighted by p / q: log (1/k) sum_k w_k, the importance-weighted bound (Burda, Grosse and
 * Salakhutdinov, ICLR 2016), whose gap to the log evidence shrinks with k.
 */
export function importance(k: number): Shared {
  return { kind: "importance", axis: axis("particle", k) };
}

/**
 * The mean of the bound over `l` draws: L of Kingma and Welling (ICLR 2014), equation 7. It lowers
 * the noise of the ELBO and leaves its expectation as it is.
 */
export function average(l: number): Shared {
  return { kind: "average", axis: axis("particle", l) };
}
