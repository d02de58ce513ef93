/** What other rooms use of tensor, beside what users see (`index.ts`). */

export {
  ANYTHING,
  AXIS,
  BYTES_OF_FILE,
  CONDITION,
  checkArguments,
  DTYPE,
  either,
  FINITE,
  FLAG,
  FUNCTION,
  KEY,
  type Kind,
  kindOf,
  listOf,
  NUMBER,
  NUMBERS,
  OBJECT,
  OPERAND,
  objectWith,
  oneOf,
  optional,
  optionsWith,
  PRECISION,
  recordOf,
  SIGNAL,
  TENSOR,
  TEXT,
} from "./arguments/kinds.ts";
export { listed, realNumber, shown, wholeNumber } from "./arguments/numbers.ts";
export {
  describeAxes,
  describePlace,
  labelsAt,
  oncePerAxis,
  placeAmong,
  positionsAt,
  sameAxes,
  unionAxes,
  withoutAxes,
} from "./axis.ts";
export { and, mod, or, shl, shr, xor } from "./bits.ts";
export { checkAxis, dataOver, dtypeOf } from "./data.ts";
export { boundAxes } from "./descriptors.ts";
export { allocate, BYTES, isFloat, roundTo } from "./dtype.ts";
export * from "./index.ts";
export {
  type AffinePosition,
  affineOf,
  affineWithin,
  isInjective,
  substituted,
} from "./known/affine.ts";
export { gatherClamped, guardedGather } from "./known/gather.ts";
export { type Interval, intervalOf } from "./known/intervals.ts";
export { sourceOfRows } from "./known/positions.ts";
export { failedMinor } from "./linear/cholesky.ts";
export { isSolution } from "./ode/solve.ts";
export * from "./ops.ts";
export { fineUniform, randomBits, seedInputs, seedKey } from "./random/random.ts";
export { threefry, threefryWords, type WordArithmetic } from "./random/threefry.ts";
export { bodyOf, carry, type ScanLoop, Substitution, substitute } from "./scan/loop.ts";
export { setReference } from "./series/reference.ts";
export { digammaRemainder, lgammaRise, logRising, stirlingRemainder } from "./special/beta.ts";
export { distance } from "./special/distance.ts";
export { betaProbability, logBetaProbability } from "./special/incompleteBeta.ts";
export {
  gammaEntropy,
  gammaProbabilities,
  gammaQuantileSlope,
  heightOf,
  kernelNearMean,
  logGammaProbabilities,
  logPoisson,
} from "./special/incompleteGamma.ts";
export {
  expBeyondLine,
  expm1Quotient,
  log1pSquare,
  logQuotient,
  logRatio,
  xLog1pY,
} from "./special/logs.ts";
export { HALF_LOG_2PI, millsRatio, normalQuantileOfLog } from "./special/normal.ts";
export { belowOne, epsilon, inFloat64 } from "./special/precision.ts";
export { integrateTail } from "./special/quadrature.ts";
export {
  circularVariance,
  logBesselI0Scaled,
  vonMisesProbability,
  vonMisesQuantileSlope,
} from "./special/vonMises.ts";
export { straightThrough, withDerivatives } from "./special/withDerivatives.ts";
export {
  alike,
  apply,
  constantOfType,
  make,
  type NumberByType,
  nodesOf,
  promoted,
  roundedConstant,
  withInputs,
} from "./tensor.ts";
export { isAlike } from "./transforms/alike.ts";
export { gatherInside, gatherInsideWhere } from "./transforms/gatherInside.ts";
export { sumTo } from "./transforms/sumTo.ts";
export { computedValues, refuseRounded, Widening } from "./transforms/widen.ts";
