/** Densities, samplers, supports, bijections and closed-form divergences: one file per family. */
export { type Bijection, bijectionTo } from "./bijections/index.ts";
export { type Censoring, censored } from "./derived/censored.ts";
export { masked } from "./derived/masked.ts";
export { ordered } from "./derived/ordered.ts";
export { restricted } from "./derived/restricted.ts";
export { transformed } from "./derived/transformed.ts";
export type { Bounds, Components, Distribution, Moment } from "./distribution.ts";
export { kl } from "./divergence.ts";
export * from "./families/index.ts";
export { type DistributionSpec, distribution } from "./family/family.ts";
export * from "./gaussianProcess/index.ts";
export { improperUniform, type MomentsHint } from "./improperUniform.ts";
export { type LowRankNormal, lowRankNormal } from "./lowRankNormal.ts";
export type { Chance } from "./parameters.ts";
export {
  ANGLE,
  CLOSED_UNIT,
  COUNT,
  NOT_NEGATIVE,
  POSITIVE,
  REAL,
  type Support,
  type SupportKind,
  type SupportOf,
  UNIT,
} from "./support/support.ts";
