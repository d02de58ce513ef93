/** Densities, samplers and closed-form divergences: one file per family. */
export { bernoulli } from "./bernoulli.ts";
export { categorical, type Weights } from "./categorical.ts";
export {
  accepts,
  castHint,
  type Distribution,
  distribution,
  type Family,
  type Support,
  sumAlong,
} from "./distribution.ts";
export { kl } from "./divergence.ts";
export { normal } from "./normal.ts";
