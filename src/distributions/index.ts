/** Densities, samplers, supports, bijections and closed-form divergences: one file per family. */
export {
  accepts,
  castHint,
  type Distribution,
  distribution,
  type Family,
  sumAlong,
} from "./distribution.ts";
export { kl } from "./divergence.ts";
export * from "./families/index.ts";
export type { Chance } from "./parameters.ts";
export { describeSupport, fits, type Support } from "./support.ts";
