/** The update rule of guides that are made from models. */
import { adam, type Optimiser, type Rate, type Schedule, stepDecay } from "../../optim/index.ts";
import { checkArguments, NUMBER } from "../../tensor/internal.ts";

/** How often the learning rate falls, and to what share of itself in the end. */
const FALLS = 20;
const LAST_SHARE = 0.001;
/** The memory of the gradients' squares is short, so that the large ones of the beginning are forgotten. */
const BETA_2 = 0.95;

/** A rate that falls to a thousandth of itself over so many steps, in equal ratios. */
export function fallingRate(rate: number, steps: number): Schedule {
  checkArguments("fallingRate", { rate, steps }, NUMBER);
  const every = Math.max(1, Math.ceil(steps / FALLS));
  return stepDecay(rate, { every, factor: LAST_SHARE ** (1 / FALLS) });
}

/** Adam as guides that are made from models are trained by it, with any rate. */
export function guideAdam(rate: Rate): Optimiser {
  return adam(rate, { beta2: BETA_2 });
}

/** The same with a rate that falls: what suits such guides. */
export function fallingAdam(rate: number, steps: number): Optimiser {
  return guideAdam(fallingRate(rate, steps));
}
