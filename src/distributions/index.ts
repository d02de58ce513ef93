/** Densities, samplers, supports, bijections and closed-form divergences: one file per family. */
export { type Bijection, bijectionTo } from "./bijections/index.ts";
export {
  acceptsDtype,
  type Distribution,
  type DistributionSpec,
  distribution,
  dtypeHint,
  sumAlong,
} from "./distribution.ts";
export { kl } from "./divergence.ts";
export * from "./families/index.ts";
export { improperUniform, type MomentsHint } from "./improperUniform.ts";
export { type LowRankNormal, lowRankNormal } from "./lowRankNormal.ts";
export { masked } from "./masked.ts";
export type { Chance } from "./parameters.ts";
export {
  ANGLE,
  axesWithin,
  CLOSED_UNIT,
  COUNT,
  describeSupport,
  NOT_NEGATIVE,
  POSITIVE,
  REAL,
  type Support,
  type SupportKind,
  type SupportOf,
  supportMatches,
  UNIT,
} from "./support/support.ts";
export {
  describeConstraint,
  firstOutside,
  isDiscrete,
  isOutside,
} from "./support/supportRules.ts";
export { transformed } from "./transformed.ts";
