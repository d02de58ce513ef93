/** Guides that keep the dependences of the model: each latent given those that the model draws it from. */
import {
  bernoulli,
  categorical,
  type Distribution,
  normal,
  type SupportOf,
  transformed,
} from "../../distributions/index.ts";
import type { Sites, Statement } from "../../model/index.ts";
import { exp, log, sigmoid, sqrt } from "../../tensor/index.ts";
import type { GuideFamily } from "./automatic.ts";
import {
  freeParam,
  logitsParam,
  type MeanFieldOptions,
  meanField,
  withEvents,
} from "./families.ts";
import { locationAndScale, type Start } from "./initialisation.ts";

/**
 * Each latent is drawn from its own distribution in the model, given the guide's draws of the latents before
 * it, as it would be after one measurement, whose value and noise are trained: so elements of a group follow
 * their mean and spread, and the steps of a chain each other. For normal latents that are measured with normal
 * noise it is the posterior, given the latents at the root; cf. the potentials of Johnson et al., "Composing
 * graphical models with neural networks", NeurIPS 2016. Latents whose family has no location and scale in
 * the free space, and is not discrete, are as in the mean field.
 */
export function structured(options: MeanFieldOptions = {}): GuideFamily {
  const simple = meanField(options);
  return (...latent) => measured(...latent) ?? simple(...latent);
}

/** As `family`, but `structured` in chains, whose steps depend too much on one another to be drawn apart. */
export function alongChains(family: GuideFamily): GuideFamily {
  return (statement, ...rest) => {
    const inChain = statement.plates.some(({ chain }) => chain);
    return (inChain && measured(statement, ...rest)) || family(statement, ...rest);
  };
}

/**
 * The prior times a likelihood. Of a location m and a scale s in the free space, with a measurement
 * `NAME.measured` = y and its noise exp(`NAME.logNoise`) = t, by Kalman's gain g = s^2 / (s^2 + t^2):
 *
 *     normal(m + g (y - m), t sqrt(g)).
 *
 * Of a discrete latent the likelihood is exp(`NAME.logits`), for each of its values.
 */
function measured(
  statement: Statement,
  param: Sites["param"],
  start: Start,
): Distribution | undefined {
  const { distribution: prior } = statement;
  const { name, support, parameters } = prior;
  if (name === "bernoulli") {
    const logits = parameters.logits.add(logitsParam(statement, param));
    return withEvents(bernoulli({ logits }), prior);
  }
  if (name === "categorical") {
    const { axis } = support as SupportOf<"index">;
    const logits = parameters.logits.add(logitsParam(statement, param, axis));
    return withEvents(categorical({ logits }, axis), prior);
  }
  const located = locationAndScale(prior);
  if (located === undefined) return undefined;
  const { centre: location, width: scale } = located;
  const value = freeParam(statement, param, "measured", start.centre, start.width);
  const logNoise = freeParam(statement, param, "logNoise", log(start.width));
  const gain = sigmoid(log(scale).sub(logNoise).mul(2));
  const mean = location.add(gain.mul(value.sub(location)));
  return withEvents(transformed(normal(mean, exp(logNoise).mul(sqrt(gain))), support), prior);
}
