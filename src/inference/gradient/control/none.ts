import type { Control } from "./control.ts";

/** Nothing is taken off. */
export const none: Control = {
  name: "",
  about: "the score function: also for discrete latents; noisy",
  source: "Williams, Machine Learning 8, 1992; Paisley, Blei and Jordan, ICML 2012",
  apply: ({ value }) => ({ value }),
};
