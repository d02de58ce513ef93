import { type Latent, overPlates, scaleOfAll } from "../../model/internal.ts";
import {
  type Axis,
  cast,
  checkArguments,
  constant,
  mean,
  sizeOf,
  stopGradient,
  sumTo,
  type Tensor,
} from "../../tensor/internal.ts";
import { combinesAlong } from "../logWeight/combined.ts";
import { onOneAxis, sampledKl, unchained, unstratified } from "../requirements/combination.ts";
import { CONTROL, type Control } from "./control/control.ts";
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
  checkArguments("score", { control }, CONTROL);
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
      const latents = independentElements(estimate.latents);
      const terms = latents.map((latent) => scoreTerm(latent, estimate, control));
      const moving = terms.map(({ value }) => value).reduce((a, b) => a.add(b));
      return {
        value: estimate.value.add(moving.sub(stopGradient(moving))),
        state: joinStates(...terms.map(({ state }) => state)),
      };
    },
  };
}

/**
 * The same latents outside of the plates whose elements the guide draws given one another, so that an element has an
 * influence on the terms of all.
 */
function independentElements(latents: readonly Latent[]): readonly Latent[] {
  const values = new Set(latents.map(({ value }) => value));
  const isTogether = latents.some(({ distribution }) => distribution.acrossPlates);
  const axes = new Set(latents.flatMap(({ plates }) => plates.map(({ axis }) => axis)));
  const combined = [...axes].filter(
    (axis) => isTogether || latents.some((one) => combinesAlong(one.logProb(), axis, values)),
  );
  return latents.map((latent) => {
    const dependent = latent.plates.filter(({ axis }) => combined.includes(axis));
    return {
      ...latent,
      plates: latent.plates.filter((plate) => !dependent.includes(plate)),
      logProb: () => overPlates(latent.logProb(), dependent),
    };
  });
}

function scoreTerm(latent: Latent, estimate: Estimate, control: Control) {
  const signal = { latent, value: learningSignal(latent, estimate.weights), estimate };
  const { value, state } = control.apply(signal);
  const own = scoreInside(latent, estimate);
  const product = stopGradient(value.add(own)).mul(cast(latent.logProb(), "float64"));
  const averages = estimate.averages.filter((a) => product.has(a));
  const summed = sumTo(product, averages).mul(sizeOf(missingIn(product, latent, estimate)));
  return { value: averages.length === 0 ? summed : mean(summed, ...averages), state };
}

/** Plates and weighted particles of a draw whose density is the same for all of them, and counts for each. */
function missingIn(x: Tensor, { value, plates }: Latent, { steps }: Estimate): readonly Axis[] {
  const own = [...plates, ...steps].map(({ axis }) => axis);
  return own.filter((axis) => value.has(axis) && !x.has(axis));
}

/**
 * What takes the derivative of -log q inside the estimate off again. Of a latent without weighted particles its
 * expectation is zero, so that it is only noise.
 */
function scoreInside({ value, plates }: Latent, { steps, beta }: Estimate): Tensor {
  const isWeighted = steps.some(({ axis }) => value.has(axis));
  return constant(isWeighted ? 0 : scaleOfAll(plates), "float64").mul(beta);
}
