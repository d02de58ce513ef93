/** Densities, samplers, supports, bijections and closed-form divergences: one file per family. */
export { type Bijection, bijectionTo } from "./bijections/index.ts";
export { type Censoring, censored } from "./censored.ts";
export { type Distribution, type DistributionSpec, distribution } from "./distribution.ts";
export { kl } from "./divergence.ts";
export * from "./families/index.ts";
export { improperUniform, type MomentsHint } from "./improperUniform.ts";
export { type LowRankNormal, lowRankNormal } from "./lowRankNormal.ts";
export { masked } from "./masked.ts";
export type { Bounds } from "./mass.ts";
export type { Chance } from "./parameters.ts";
export { restricted } from "./restricted.ts";
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

export { transformed } from "./transformed.ts";
