import { type Latent, scaleOf } from "../../model/internal.ts";
import {
  cast,
  checkArguments,
  mean,
  objectWith,
  stopGradient,
  sumTo,
  TEXT,
} from "../../tensor/internal.ts";
import { onOneAxis, sampledKl, unchained, unstratified } from "../requirements/combination.ts";
import type { Control } from "./control/control.ts";
import { none } from "./control/none.ts";
import { type Estimate, type GradientEstimator, joinStates, through } from "./estimator.ts";
import { learningSignal } from "./learningSignal.ts";

/**
 * The score function (REINFORCE): draws have no derivative; q moves by
 *
 *     sum over latents of (signal - control) d log q(z) / d q,
 *
 * the signal being what of the estimate the draw has an influence on, beside the derivative of the estimate for
 * given draws. So latents may be discrete. p moves by the derivative of the bound.
 *
 * @param control the control variate; none unless given.
 *
 * @example fit({ model, guide, data, gradient: score(controls.perDatum()) })
 */
export function score(control: Control = none): GradientEstimator {
  checkArguments("score", { control }, objectWith({ name: TEXT }));
  const name = `score${control.name}`;
  return {
    name,
    about: control.about,
    source: control.source,
    unbiased: true,
    requires: [
      sampledKl,
      unchained,
      unstratified,
      onOneAxis('"wake"'),
      ...(control.requires ?? []),
    ],
    draw: stopGradient,
    p: through,
    q: through,
    after(estimate) {
      const terms = estimate.latents.map((latent) => scoreTerm(latent, estimate, control));
      const moving = terms.map(({ value }) => value).reduce((a, b) => a.add(b));
      return {
        value: estimate.value.add(moving.sub(stopGradient(moving))),
        state: joinStates(...terms.map(({ state }) => state)),
      };
    },
  };
}

function scoreTerm(latent: Latent, estimate: Estimate, control: Control) {
  const signal = { latent, value: learningSignal(latent, estimate.weights), estimate };
  const { value, state } = control.apply(signal);
  const own = scoreInside(latent, estimate);
  const product = stopGradient(value).add(own).mul(cast(latent.logProb(), "float64"));
  const averages = estimate.averages.filter((a) => product.has(a));
  const summed = sumTo(product, averages);
  return { value: averages.length === 0 ? summed : mean(summed, ...averages), state };
}

/**
 * What takes the derivative of -log q inside the estimate off again. Of a latent without weighted particles its
 * expectation is zero, so that it is only noise.
 */
function scoreInside({ value, plates }: Latent, { steps }: Estimate): number {
  if (steps.some(({ axis }) => value.has(axis))) return 0;
  return plates.reduce((product, plate) => product * scaleOf(plate), 1);
}
