import { reparameterised } from "../requirements/combination.ts";
import { type GradientEstimator, through } from "./estimator.ts";

/**
 * The total derivative of log P through the draws: the bound itself is what is made larger. Estimators A and
 * B of Kingma and Welling (ICLR 2014), by `kl`; with importance-weighted particles the gradient of Burda,
 * Grosse and Salakhutdinov (ICLR 2016, equation 13).
 */
export const total: GradientEstimator = {
  name: "total",
  about: "the derivative of the bound through the draws",
  source: "Kingma and Welling, ICLR 2014",
  unbiased: true,
  requires: [reparameterised],
  draw: through,
  p: through,
  q: through,
};
