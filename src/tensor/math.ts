/** The functions a model is written with. Each returns a new node; nothing is computed here. */
import { AXIS, checkArguments, listOf, OPERAND, TENSOR } from "./arguments/kinds.ts";
import { shown } from "./arguments/numbers.ts";
import { type Axis, describeAxes, sizeOf } from "./axis.ts";
import { checkAxes, dataOver, dtypeOf, type Nested } from "./data.ts";
import { checkDType, type DType, isFloat } from "./dtype.ts";
import { SurmiseError } from "./errors.ts";
import type { Unary } from "./ops.ts";
import { apply, cast, constant, lift, make, type Operand, Tensor } from "./tensor.ts";

/**
 * A place for values that live in a program under `name`: fed, carried from step to step, or
 * trained. Flat data is row-major over `axes` as listed here.
 *
 * @throws SurmiseError if an axis stands in the list twice, or there is no such type.
 */
export function input(name: string, axes: readonly Axis[] = [], dtype: DType = "float32"): Tensor {
  if (typeof name !== "string" || name === "") {
    throw new SurmiseError(`the name of an input must be a text, not ${shown(name)}`);
  }
  checkAxes(`input '${name}'`, axes);
  checkDType(`input '${name}'`, dtype);
  return new Tensor({ op: "input", name, order: axes }, [], axes, dtype);
}

/**
 * Known values over `axes`: numbers in lists, nested as the axes are listed (the first outermost) or in one
 * flat list, row-major, are float32, and exact where a program is compiled in float64; a typed array, flat,
 * keeps its type (8 and 16 bits and Uint32Array become int32, but Uint8Array and Uint8ClampedArray uint8;
 * Float16Array float32; big integers int32). With `dtype` they are converted; a Float64Array to float32 as lists are.
 * Fractions are rounded to the nearest float; whole numbers up to 2^53 must be kept exactly, those in lists by the
 * program they are compiled into. A Float32Array, Float64Array, Int32Array or Uint8Array of the type is kept, not copied.
 *
 * @throws SurmiseError naming the place: if lists are not as long as their axes, the number of values is not
 * the product of the sizes, something is no number, or the type does not hold it.
 *
 * @example tensor([[1, 2, 3], [4, 5, 6]], [row, column]); // of sizes 2 and 3
 */
export function tensor(values: Nested, axes: readonly Axis[] = [], dtype?: DType): Tensor {
  checkAxes("tensor", axes);
  if (dtype !== undefined) checkDType("tensor", dtype);
  const given = dtypeOf(values);
  const isPlain =
    (given === undefined && (dtype ?? "float32") === "float32") ||
    (given === "float64" && dtype === "float32");
  const data = dataOver(
    `tensor over ${describeAxes(axes)}`,
    values,
    axes,
    isPlain ? "float64" : dtype,
  );
  if (!isPlain) return make({ op: "literal", data, order: axes }, []);
  const exact = data as Float64Array;
  const rounded = Float32Array.from(exact);
  return new Tensor({ op: "literal", data: rounded, order: axes }, [], axes, "float32", exact);
}

/** The position along `a`, int32: 0, 1, ..., size - 1. */
export function index(a: Axis): Tensor {
  checkArguments("index", { axis: a }, AXIS);
  return make({ op: "index", axis: a }, []);
}

const unary = (op: Unary) => (x: Operand) => apply(op, x);
/** |x|; int32 stays int32. */
export const abs = unary("abs");
/** The largest whole number that is at most x, of the type of x. */
export const floor = unary("floor");
/**
 * The square root; NaN below 0. Of exp(x) it is exp(x / 2), which has a derivative also where exp(x) is so small that it is
 * 0.
 */
export const sqrt = (x: Operand): Tensor => {
  const isPower = x instanceof Tensor && x.op === "exp";
  return isPower ? exp(x.inputs[0].mul(0.5)) : apply("sqrt", x);
};
/** e^x. */
export const exp = unary("exp");
/** The natural logarithm; -Infinity at 0, NaN below. */
export const log = unary("log");
/** The sine of x radians. */
export const sin = unary("sin");
/** The cosine of x radians. */
export const cos = unary("cos");
/** The hyperbolic tangent. */
export const tanh = unary("tanh");
/** 1 / (1 + exp(-x)). */
export const sigmoid = unary("sigmoid");
/** log(1 + exp(x)), without overflow. */
export const softplus = unary("softplus");
/** log(1 + x), exact for small x. */
export const log1p = unary("log1p");
/** exp(x) - 1, exact for small x. */
export const expm1 = unary("expm1");
/** The error function, (2 / sqrt(pi)) times the integral of exp(-t^2) from 0 to x. */
export const erf = unary("erf");
/** log |Gamma(x)|. */
export const lgamma = unary("lgamma");
/** The derivative of `lgamma`. */
export const digamma = unary("digamma");
/** The derivative of `digamma`. */
export const trigamma = unary("trigamma");

/** log(exp(a) + exp(b)), without overflow; -Infinity is the neutral element. */
export const logAddExp = (a: Operand, b: Operand) => apply("logAddExp", a, b);
/** The larger of two values, NaN if either is. For the largest along an axis see `max`. */
export const maximum = (a: Operand, b: Operand) => apply("maximum", a, b);
/** The smaller of two values, NaN if either is. */
export const minimum = (a: Operand, b: Operand) => apply("minimum", a, b);

/**
 * `a` where `condition` (uint8, such as `x.lt(0)`) is not 0, else `b`, over the union of the axes. The gradient goes
 * to the operand that is taken.
 *
 * @throws SurmiseError if `a` and `b` are floats of different types, or the condition is not uint8.
 */
export function select(condition: Tensor, a: Operand, b: Operand): Tensor {
  checkArguments("select", { condition }, TENSOR);
  checkArguments("select", { a, b }, OPERAND);
  const [x, y] = lift("select", a, b);
  return make({ op: "select" }, [condition, x, y]);
}

/** `x` with the derivative taken as zero. */
export function stopGradient(x: Tensor): Tensor {
  checkArguments("stopGradient", { x }, TENSOR);
  return apply("stopGradient", x);
}

/**
 * The sum of `x` over the given axes, or over all its axes if none is given. That of whole numbers (int32,
 * uint8) is float64, and exact up to 2^53: `sum(x.lt(0))` counts.
 *
 * @throws SurmiseError if `x` lacks one of the axes.
 */
export function sum(x: Tensor, ...over: Axis[]): Tensor {
  checkArguments("sum", { x }, TENSOR);
  return reduce("sum", isFloat(x.dtype) ? x : cast(x, "float64"), over);
}

/**
 * The largest value of `x` along the given axes, or of all if none is given; of its type, and int32 of uint8.
 *
 * @throws SurmiseError if `x` lacks one of the axes.
 */
export function max(x: Tensor, ...over: Axis[]): Tensor {
  checkArguments("max", { x }, TENSOR);
  return reduce("max", x.dtype === "uint8" ? cast(x, "int32") : x, over);
}

function reduce(op: "sum" | "max", x: Tensor, over: readonly Axis[]): Tensor {
  checkAxes(op, over);
  const axes = over.length === 0 ? x.axes : over;
  return axes.length === 0 ? x : make({ op, over: axes }, [x]);
}

/**
 * The mean of `x` over the given axes, or over all its axes if none is given. That of whole numbers (int32,
 * uint8) is float64.
 */
export function mean(x: Tensor, ...over: Axis[]): Tensor {
  checkArguments("mean", { x }, TENSOR);
  checkArguments("mean", { over }, listOf(AXIS));
  const total = sum(x, ...over);
  const count = sizeOf(over.length === 0 ? x.axes : over);
  return isFloat(x.dtype) ? total.mul(1 / count) : total.div(count);
}

/**
 * Terms this far below the largest, in nats, are left out of a log sum exp: 1e-26 of it, they cannot
 * change it even in float64. Their weights would become denormal numbers further down a gradient, by
 * which processors compute a hundred times slower.
 */
const NEGLIGIBLE = -60;

/**
 * log sum exp of `x` over the given axes (all if none is given), safe for infinite terms. The gradient is the
 * softmax of `x`, exactly zero where it is below 1e-26.
 */
export function logSumExp(x: Tensor, ...over: Axis[]): Tensor {
  checkArguments("logSumExp", { x }, TENSOR);
  checkArguments("logSumExp", { over }, listOf(AXIS));
  const [terms] = lift("exp", x);
  const largest = stopGradient(max(terms, ...over));
  const shift = select(abs(largest).lt(Number.POSITIVE_INFINITY), largest, 0);
  const below = terms.sub(shift);
  return log(sum(select(below.lt(NEGLIGIBLE), 0, exp(below)), ...over)).add(shift);
}

/** log of the mean of exp(x) over the given axes (all if none is given). */
export function logMeanExp(x: Tensor, ...over: Axis[]): Tensor {
  checkArguments("logMeanExp", { x }, TENSOR);
  checkArguments("logMeanExp", { over }, listOf(AXIS));
  const count = sizeOf(over.length === 0 ? x.axes : over);
  return logSumExp(x, ...over).sub(Math.log(count));
}

/** x * x. */
export function square(x: Tensor): Tensor {
  checkArguments("square", { x }, TENSOR);
  return x.mul(x);
}

/**
 * x to the power p: of a known whole number by repeated products, of 1/2 by the root, else exp(p log x). Below 0 it is a
 * number for whole p only, also where these vary. At 0 a power above 1 is flat.
 */
export function pow(x: Tensor, p: Operand): Tensor {
  checkArguments("pow", { x }, TENSOR);
  checkArguments("pow", { p }, OPERAND);
  if (typeof p !== "number") {
    const { operation, exact } = p;
    if (operation.op !== "constant") return variablePower(x, p);
    return pow(x, typeof exact === "number" ? exact : operation.value);
  }
  if (Math.abs(p) === 0.5) return p > 0 ? sqrt(x) : constant(1, x.dtype).div(sqrt(x));
  if (!Number.isInteger(p) || Math.abs(p) > 64) {
    // At 0 a power above 1 is flat, where the derivative of the logarithm is infinite.
    if (Number.isInteger(p)) return variablePower(x, constant(p, x.dtype));
    if (p < 1) return exp(log(x).mul(p));
    const isZero = x.eq(0);
    return select(isZero, 0, exp(log(select(isZero, 1, x)).mul(p)));
  }
  // Of the inverse: the square of a power, which a derivative of its inverse is made of, ends long before that does.
  if (p < 0) return pow(constant(1, x.dtype).div(x), -p);
  if (p === 0) return select(x.eq(x), constant(1, x.dtype), constant(1, x.dtype));
  const half = pow(x, Math.floor(p / 2));
  const even = p === 1 ? undefined : half.mul(half);
  if (even === undefined) return x;
  return p % 2 === 1 ? even.mul(x) : even;
}

function variablePower(x: Tensor, p: Tensor): Tensor {
  const [isZero, isBelow] = [x.eq(0), x.lt(0)];
  const size = select(isZero, 1, select(isBelow, x.neg(), x));
  const power = exp(log(size).mul(p));
  const [isWhole, isEven] = [1, 0.5].map((unit) => {
    const units = p.mul(unit);
    return floor(units).eq(units);
  });
  const below = select(isWhole, select(isEven, power, power.neg()), Number.NaN);
  const steep = select(p.eq(0), 1, select(p.lt(0), Number.POSITIVE_INFINITY, Number.NaN));
  const atZero = select(p.gt(1), 0, select(p.eq(1), x, select(p.gt(0), 0, steep)));
  return select(isZero, atZero, select(isBelow, below, power));
}
