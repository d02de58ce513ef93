import { stopGradient } from "../../tensor/index.ts";
import { type GradientEstimator, reversed, through } from "./estimator.ts";

const source =
  "Bornschein and Bengio, ICLR 2015; massively parallel: Heap, Leech and Aitchison, UAI 2023, section 4";

/**
 * Reweighted wake-sleep: the draws are given. p moves by its wake phase, d log P / d p = E[d log p(x, z)]
 * under the weights; q moves by its own, -d log P / d q = E[d log q(z)] under the weights.
 */
export const wake: GradientEstimator = {
  name: "wake",
  about:
    "wake phases of p and q under the weights (reweighted wake-sleep); also for discrete latents",
  source,
  unbiased: false,
  // Draws are given: any latents and any particles will do.
  requires: [],
  draw: stopGradient,
  p: through,
  q: reversed,
};

/** The wake phase of p alone. */
export const wakeP: GradientEstimator = {
  ...wake,
  name: "wakeP",
  about: "the wake phase of p alone",
  q: stopGradient,
};

/** The wake phase of q alone. */
export const wakeQ: GradientEstimator = {
  ...wake,
  name: "wakeQ",
  about: "the wake phase of q alone",
  p: stopGradient,
};

/** Nothing moves; for looking at. */
export const none: GradientEstimator = {
  ...wake,
  name: "none",
  about: "nothing moves: to evaluate without training",
  source: "",
  p: stopGradient,
  q: stopGradient,
};
