/** Tensors as functions of named axes: expressions, derivatives, random numbers. */
export { Axis, axis, describeAxes, sameAxes, sizeOf, unionAxes, withoutAxes } from "./axis.ts";
export { allocate, BYTES, type DType, isFloat, roundTo, type TypedArray } from "./dtype.ts";
export { SurmiseError } from "./errors.ts";
export { grad } from "./grad.ts";
export * from "./math.ts";
export * from "./ops.ts";
export { fold, type Key, key, randomBits, shuffled, standardNormal, uniform } from "./random.ts";
export {
  alike,
  apply,
  cast,
  constant,
  make,
  nodesOf,
  type Operand,
  Tensor,
  withInputs,
} from "./tensor.ts";
export { threefry, threefryWords, type WordArithmetic } from "./threefry.ts";
