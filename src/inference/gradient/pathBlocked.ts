import { reparameterised, sampledKl, unchained } from "../requirements/combination.ts";
import { type GradientEstimator, through } from "./estimator.ts";

/**
 * The path derivative as the code of its authors has it (github.com/geoffroeder/iwae): mean and scale
 * themselves are held constant inside log q, so that with several layers the path from one latent into the
 * distribution of the next is cut as well. What is cut has mean zero given the latents before, so it is still
 * unbiased for one draw and averages, but where q is the posterior it is not zero. With one layer it is `path`,
 * and for guides that draw all latents together.
 */
export const pathBlocked: GradientEstimator = {
  name: "pathBlocked",
  about: "as path, also without the path of one latent into the distribution of the next",
  source: "Roeder, Wu and Duvenaud, NeurIPS 2017, their code with two layers",
  unbiased: false,
  requires: [reparameterised, sampledKl, unchained],
  draw: through,
  p: through,
  q: (logDensity, held) => held.distribution(logDensity),
};
