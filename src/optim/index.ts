/** Optimisers as pairs of pure functions, and schedules of their learning rates. */
export { type AdagradOptions, adagrad } from "./adagrad.ts";
export { type AdamOptions, adam } from "./adam.ts";
export { adamW } from "./adamW.ts";
export { type ClipOptions, clipped } from "./clipped.ts";
export type { Optimiser, Slots, Updated } from "./optimiser.ts";
export {
  constantRate,
  cosineRate,
  type Rate,
  type Schedule,
  stagedRate,
  stepDecay,
  warmUp,
} from "./schedule.ts";
export { sgd } from "./sgd.ts";
