import { reparameterised, sampledKl } from "../requirements/combination.ts";
import { type GradientEstimator, through } from "./estimator.ts";

/**
 * The path derivative (Roeder, Wu and Duvenaud, NeurIPS 2017, algorithms 1 and 2): the parameters of q are
 * held constant inside log q, so that the score term, whose expectation is zero, is left out. Where q is the
 * posterior the gradient is zero for every draw. For importance-weighted particles (algorithm 4) the term
 * that is left out has no expectation of zero: the gradient of q is biased there, `doublyReparameterised`
 * is not.
 */
export const path: GradientEstimator = {
  name: "path",
  about: "as total, without the score term of log q (sticking the landing)",
  source: "Roeder, Wu and Duvenaud, NeurIPS 2017",
  unbiased: false,
  requires: [reparameterised, sampledKl],
  draw: through,
  p: through,
  q: (logDensity, held) => held.guide(logDensity),
};
