/** Densities, samplers, supports, bijections and closed-form divergences: one file per family. */
export { type Bijection, bijectionTo } from "./bijections/index.ts";
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
export { flat, type Typical } from "./improperUniform.ts";
export { type LowRankNormal, lowRankNormal } from "./lowRankNormal.ts";
export { masked } from "./masked.ts";
export type { Chance } from "./parameters.ts";
export {
  ANGLE,
  axesWithin,
  CLOSED_UNIT,
  COUNT,
  describeSupport,
  fits,
  NOT_NEGATIVE,
  POSITIVE,
  REAL,
  type Support,
  type SupportKind,
  type SupportOf,
  UNIT,
} from "./support/support.ts";
export {
  firstOutside,
  isDiscrete,
  isOutside,
  words as describeLimit,
} from "./support/supportRules.ts";
export { transformed } from "./transformed.ts";
