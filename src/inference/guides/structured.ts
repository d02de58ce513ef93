/** Guides that keep the dependences of the model: each latent given those that the model draws it from. */
import {
  bernoulli,
  categorical,
  type Distribution,
  normal,
  transformed,
} from "../../distributions/index.ts";
import type { Sites, Statement } from "../../model/index.ts";
import { exp, log, sigmoid, sqrt } from "../../tensor/index.ts";
import type { GuideFamily } from "./automatic.ts";
import {
  logitsParam,
  type MeanFieldOptions,
  meanField,
  unconstrainedParam,
  withEventAxes,
} from "./families.ts";
import type { Initialisation } from "./initialisation.ts";

/**
 * Each latent is drawn from its own distribution in the model, given the guide's draws of the latents before
 * it, times a Gaussian pseudo-likelihood with learned mean and variance: so elements of a group follow
 * their mean and spread, and the steps of a chain each other. For normal latents with normal
 * likelihoods it is the posterior, given the latents at the root; cf. the potentials of Johnson et al., "Composing
 * graphical models with neural networks", NeurIPS 2016. Latents whose family has no location and scale in
 * unconstrained space, and is not discrete, are as in the mean field.
 */
export function structured(options: MeanFieldOptions = {}): GuideFamily {
  const simple = meanField(options);
  return (statement, param, start, context) =>
    withPseudoObservation(statement, param, start) ?? simple(statement, param, start, context);
}

/** As `family`, but `structured` in chains, whose steps depend too much on one another to be drawn apart. */
export function alongChains(family: GuideFamily): GuideFamily {
  return (statement, param, start, context) => {
    const inChain = statement.plates.some(({ chain }) => chain);
    return (
      (inChain && withPseudoObservation(statement, param, start)) ||
      family(statement, param, start, context)
    );
  };
}

/**
 * The prior times a likelihood. Of a location m and a scale s in unconstrained space, with a conjugate
 * pseudo-observation `NAME.pseudoObservation` = y of noise exp(`NAME.logPseudoNoise`) = t, by the Kalman gain g = s^2 / (s^2 + t^2):
 *
 *     normal(m + g (y - m), t sqrt(g)).
 *
 * Of a discrete latent the likelihood is exp(`NAME.logits`), for each of its values.
 */
function withPseudoObservation(
  statement: Statement,
  param: Sites["param"],
  start: Initialisation,
): Distribution | undefined {
  const { distribution: prior } = statement;
  const { support, parameters } = prior;
  if (support.kind === "binary" && "logits" in parameters) {
    const logits = parameters.logits.add(logitsParam(statement, param));
    return withEventAxes(bernoulli({ logits }), prior);
  }
  if (support.kind === "index" && "logits" in parameters) {
    const { axis } = support;
    const logits = parameters.logits.add(logitsParam(statement, param, axis));
    return withEventAxes(categorical({ logits }, axis), prior);
  }
  const { location, scale } = prior.locationScale?.() ?? {};
  if (location === undefined || scale === undefined) return undefined;
  const value = unconstrainedParam(statement, param, "pseudoObservation", start.start, start.scale);
  const logPseudoNoise = unconstrainedParam(statement, param, "logPseudoNoise", () =>
    log(start.scale),
  );
  const gain = sigmoid(log(scale).sub(logPseudoNoise).mul(2));
  const mean = location.add(gain.mul(value.sub(location)));
  return withEventAxes(
    transformed(normal(mean, exp(logPseudoNoise).mul(sqrt(gain))), support),
    prior,
  );
}
