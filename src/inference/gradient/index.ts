/** All gradient estimators: a row each. */
import { doublyReparameterised } from "./doublyReparameterised.ts";
import type { GradientEstimator } from "./estimator.ts";
import { path } from "./path.ts";
import { total } from "./total.ts";
import { none, wake, wakeP, wakeQ } from "./wake.ts";

export type { Combination, Estimate, GradientEstimator, KlForm } from "./estimator.ts";

/**
 * The gradient estimators by name. With P the estimate of the evidence, the mean of p(x, z_k) / q(z_k) over
 * particles or their combinations, each says what the parameters of p and of q move by.
 */
export const GRADIENTS = {
  total,
  path,
  doublyReparameterised,
  wake,
  wakeP,
  wakeQ,
  none,
} satisfies Record<string, GradientEstimator>;

/** The name of a gradient estimator, or one of one's own. */
export type Gradient = keyof typeof GRADIENTS | GradientEstimator;

/** The estimator that is meant. */
export function gradientEstimator(gradient: Gradient): GradientEstimator {
  return typeof gradient === "string" ? GRADIENTS[gradient] : gradient;
}
