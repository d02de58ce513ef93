/** Tensors as functions of named axes: expressions, derivatives, random numbers. */
export {
  Axis,
  axis,
  describeAxes,
  describePlace,
  labelsAt,
  sameAxes,
  sizeOf,
  unionAxes,
  withoutAxes,
} from "./axis.ts";
export { realNumber, shown, wholeNumber } from "./check.ts";
export { dataOver, type Nested, type NumberArray } from "./data.ts";
export { boundAxes } from "./descriptors.ts";
export {
  allocate,
  BYTES,
  type DType,
  isFloat,
  type Precision,
  roundTo,
  type TypedArray,
} from "./dtype.ts";
export { SurmiseError } from "./errors.ts";
export { grad } from "./grad.ts";
export { type Interval, intervalOf } from "./intervals.ts";
export { cholesky, logDeterminant } from "./linear/cholesky.ts";
export { solveLower, solveLowerTransposed } from "./linear/solve.ts";
export { diagonal } from "./linear/square.ts";
export * from "./math.ts";
export * from "./ops.ts";
export {
  fold,
  type Key,
  key,
  randomBits,
  shuffled,
  standardNormal,
  uniform,
} from "./random/random.ts";
export { threefry, threefryWords, type WordArithmetic } from "./random/threefry.ts";
export { bodyOf, type ScanLoop, substitute } from "./scan/loop.ts";
export { type Scanned, scan, type Turn } from "./scan/scan.ts";
export { atan } from "./special/atan.ts";
export { logBeta, logChoose, logRising } from "./special/beta.ts";
export { betaProbability } from "./special/incompleteBeta.ts";
export { gammaProbabilities, gammaQuantileSlope } from "./special/incompleteGamma.ts";
export { log1mExp, log1pSquare, logRatio, logSigmoid, xLog1pY, xLogY } from "./special/logs.ts";
export {
  logNormalCdf,
  millsRatio,
  normalCdf,
  normalQuantile,
  normalQuantileOfLog,
} from "./special/normal.ts";
export { inFloat64 } from "./special/precision.ts";
export {
  circularVariance,
  logBesselI0Scaled,
  vonMisesProbability,
  vonMisesQuantileSlope,
} from "./special/vonMises.ts";
export { withDerivatives } from "./special/withDerivatives.ts";
export {
  alike,
  apply,
  cast,
  constant,
  make,
  nodesOf,
  type Operand,
  roundedConstant,
  Tensor,
  withInputs,
} from "./tensor.ts";
export { refuseRounded, Widening } from "./widen.ts";
