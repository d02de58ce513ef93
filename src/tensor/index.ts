/** Tensors as functions of named axes: expressions, derivatives, random numbers. */
export { Axis, axis, sizeOf } from "./axis.ts";

export type { Nested, NumberArray } from "./data.ts";

export type { DType, Precision, TypedArray } from "./dtype.ts";
export { SurmiseError } from "./errors.ts";
export * from "./indexing.ts";
export { cholesky, logDeterminant } from "./linear/cholesky.ts";
export { solveLower, solveLowerTransposed } from "./linear/solve.ts";
export { diagonal } from "./linear/square.ts";
export * from "./math.ts";
export { type OdeOptions, solveOde } from "./ode/solve.ts";
export {
  fold,
  type Key,
  key,
  shuffled,
  standardNormal,
  uniform,
} from "./random/random.ts";
export { type Scanned, scan, type Turn } from "./scan/scan.ts";
export { cumulativeSum } from "./series/cumulative.ts";
export { difference, type LagOptions, lag, rollingMean, rollingSum } from "./series/lags.ts";
export { bSplines, naturalSplines, quantileKnots, type SplineOptions } from "./series/splines.ts";
export { atan } from "./special/atan.ts";
export { logBeta, logChoose } from "./special/beta.ts";
export { log1mExp, logSigmoid, xLogY } from "./special/logs.ts";
export { logNormalCdf, normalCdf, normalQuantile } from "./special/normal.ts";
export { cast, constant, type Operand, Tensor } from "./tensor.ts";
export { grad } from "./transforms/grad.ts";
