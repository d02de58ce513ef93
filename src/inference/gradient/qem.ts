import { type Need, sampledKl } from "../requirements/combination.ts";
import { type GradientEstimator, reversed } from "./estimator.ts";
import { wake } from "./wake.ts";

/** A guide that is given by the expectations of its statistics. */
const givenByMoments: Need = ({ guide, particles }) => {
  for (const { name, distribution, value } of guide.latents) {
    const { moments } = distribution;
    if (moments === undefined) {
      return (
        `latent '${name}': gradient: "qem" averages the moments of a guide that is given by them, and this one is not: leave ` +
        'the guide to method qem, make it by momentGuide(), or use gradient: "wake"'
      );
    }
    const foreign = particles.find(
      ({ axis }) => !value.has(axis) && moments.some((each) => each.statistic(value).has(axis)),
    );
    if (foreign !== undefined) {
      return (
        `latent '${name}': its support depends on latent '${foreign.latents[0]}', whose particles are on another axis, for ` +
        'which gradient: "qem" has no form: use particles.global, or gradient: "wake"'
      );
    }
  }
  return undefined;
};

/**
 * QEM (Heap, Bowyer and Aitchison, PMLR 289, 2025,
 * arXiv 2503.08264): the wake phase of q by its natural gradient. Of a guide that is given by the
 * expectations m = E[T(z)] of its statistics (`momentGuide`), m moves by E_w[T(z)] - m, the expectation under the weights,
 * which is the derivative of the log evidence estimate by one source term for each moment. So `sgd(rate)` makes m the
 * exponential average of the moments of the posterior,
 *
 *     m <- (1 - rate) m + rate E_w[T(z)],
 *
 * and the guide follows from m in closed form. p moves by its wake phase.
 */
export const qem: GradientEstimator = {
  ...wake,
  name: "qem",
  about:
    "p as in wake; the moments of q towards those of the posterior, for sgd to average; also for discrete latents",
  source: "Heap, Bowyer and Aitchison, arXiv 2503.08264",
  requires: [sampledKl, givenByMoments],
  q: (logDensity, held) => reversed(held.natural(logDensity)),
};
