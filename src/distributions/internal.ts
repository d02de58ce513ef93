/** What other rooms use of distributions, beside what users see (`index.ts`). */

export {
  acceptsDtype,
  dtypeHint,
  type ExponentialFamily,
  sumAlong,
  withMoments,
} from "./distribution.ts";
export { factorOf } from "./factor.ts";
export { drawPosition } from "./families/categorical.ts";
export * from "./index.ts";
export { axesWithin, describeSupport, supportMatches } from "./support/support.ts";
export {
  describeConstraint,
  describeViolation,
  type FiniteValues,
  finiteValues,
  firstOutside,
  isDiscrete,
  isOutside,
} from "./support/supportRules.ts";
