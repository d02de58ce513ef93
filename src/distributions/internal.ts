/** What other rooms use of distributions, beside what users see (`index.ts`). */

export type { ExponentialFamily } from "./distribution.ts";
export { factorOf } from "./factor.ts";
export { drawPosition } from "./families/categorical.ts";
export { acceptsDtype, dtypeHint, inTypeOf } from "./family/family.ts";
export { withMoments } from "./family/moments.ts";
export { sumAlong } from "./family/sums.ts";
export * from "./index.ts";
export { firstOutside } from "./support/knownValues.ts";
export { axesWithin, describeSupport, supportMatches } from "./support/support.ts";
export {
  describeConstraint,
  describeViolation,
  type FiniteValues,
  finiteValues,
  isDiscrete,
  isOutside,
} from "./support/supportRules.ts";
