/** All gradient estimators: a row each. */
export type { Held, KlForm, Terms } from "../logWeight/terms.ts";

import { either, FUNCTION, listOf, objectWith, oneOf, TEXT } from "../../tensor/internal.ts";
import { controls } from "./control/index.ts";
import { doublyReparameterised } from "./doublyReparameterised.ts";
import type { GradientEstimator } from "./estimator.ts";
import { path } from "./path.ts";
import { pathBlocked } from "./pathBlocked.ts";
import { qem } from "./qem.ts";
import { score } from "./score.ts";
import { total } from "./total.ts";
import { none, wake, wakeP, wakeQ } from "./wake.ts";

export type { Control, Controlled, LearningSignal } from "./control/control.ts";
export { controls } from "./control/index.ts";
export type { DatumRows } from "./control/perDatum.ts";
export type { Phases } from "./control/twoPhase.ts";
export type {
  CarriedState,
  Estimate,
  GradientEstimator,
  Moved,
} from "./estimator.ts";
export { joinStates } from "./estimator.ts";
export { scaledScore } from "./scaledScore.ts";
export { score } from "./score.ts";

/**
 * The gradient estimators by name. With P the estimate of the evidence, the mean of p(x, z_k) / q(z_k) over
 * particles or their combinations, each says what the parameters of p and of q move by.
 */
export const GRADIENTS = {
  total,
  path,
  pathBlocked,
  doublyReparameterised,
  score: score(),
  scoreScalar: score(controls.scalar),
  scorePerDatum: score(controls.perDatum()),
  scoreLeaveOneOut: score(controls.leaveOneOut),
  wake,
  wakeP,
  wakeQ,
  qem,
  none,
} satisfies Record<string, GradientEstimator>;

/** The name of a gradient estimator, or one of one's own. */
export type Gradient = keyof typeof GRADIENTS | GradientEstimator;

/** What an argument that is a `Gradient` must be. */
export const GRADIENT = either(
  objectWith({
    ...{ name: TEXT, requires: listOf(FUNCTION) },
    draw: FUNCTION,
    p: FUNCTION,
    q: FUNCTION,
  }),
  oneOf(...Object.keys(GRADIENTS)),
);

/** The estimator that is meant. */
export function gradientEstimator(gradient: Gradient): GradientEstimator {
  return typeof gradient === "string" ? GRADIENTS[gradient] : gradient;
}
