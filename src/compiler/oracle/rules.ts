/** What each operation means: one rule each, a loop over the elements of the result. */
import {
  type Axis,
  type DType,
  isFloat,
  type Op,
  type Operation,
  type OperationOf,
  roundTo,
  sizeOf,
  type Tensor,
  type TypedArray,
  threefry,
} from "../../tensor/internal.ts";
import { FLOAT } from "./float.ts";
import { places, strideOf } from "./layout.ts";
import { factorAdjoint, factored, solved } from "./linear.ts";
import { precisionOf } from "./precision.ts";
import { leavesSum, reorderable } from "./products.ts";
import { scanned } from "./scan.ts";
import { Total } from "./total.ts";
import { type BoundedValues, blank, massAt, spreadAt } from "./values.ts";

/** What the inputs of a program hold: given values, or values with error bounds. */
export type Given = ReadonlyMap<string, TypedArray | BoundedValues>;

/** The values and error bounds of a node, given those of its inputs. */
export type OracleRule<Of> = (
  node: Tensor,
  inputs: readonly BoundedValues[],
  operation: Of,
  given: Given,
) => BoundedValues;

const UNSURE = Number.POSITIVE_INFINITY;

/** Where the elements of each input lie, for each element of the node. */
function placesOf(node: Tensor): Int32Array[] {
  return node.inputs.map((x) => places(node.axes, x.axes));
}

/** An operation without rounding: sure if all its operands are. */
function exactly(f: (...operands: number[]) => number): OracleRule<unknown> {
  return (node, inputs) => {
    const result = blank(node);
    const at = placesOf(node);
    const operands = inputs.map(() => 0);
    for (let i = 0; i < result.values.length; i++) {
      for (let k = 0; k < inputs.length; k++) {
        const j = at[k][i];
        operands[k] = inputs[k].values[j];
        if (inputs[k].error[j] === UNSURE) result.error[i] = UNSURE;
      }
      result.values[i] = f(...operands);
    }
    return result;
  };
}

/** A floating-point operation. */
function floating(op: keyof typeof FLOAT): OracleRule<unknown> {
  const { value, bound } = FLOAT[op];
  return (node, inputs) => {
    const result = blank(node);
    const { values, error } = result;
    const [x, y = x] = inputs;
    const at = placesOf(node);
    const [first, second = first] = at;
    const p = precisionOf(node.dtype);
    for (let i = 0; i < values.length; i++) {
      const a = x.values[first[i]];
      const b = y.values[second[i]];
      const ea = x.error[first[i]];
      const eb = y.error[second[i]];
      const v = value(a, b);
      values[i] = v;
      const e = ea === UNSURE || eb === UNSURE ? UNSURE : bound(v, a, ea, b, eb, p);
      error[i] = e >= 0 ? e : UNSURE;
    }
    const whole = op === "mul" || op === "div" ? reorderable(node, result, inputs, at) : result;
    return overflowed(whole);
  };
}

/** Values beyond the largest number become infinite; those near it are unsure. */
function overflowed(x: BoundedValues): BoundedValues {
  const { huge, unit } = precisionOf(x.dtype);
  for (let i = 0; i < x.values.length; i++) {
    const size = Math.abs(x.values[i]);
    if (!(size + x.error[i] > huge) || size === Number.POSITIVE_INFINITY) continue;
    if (size - x.error[i] > huge * (1 + 2 * unit)) {
      x.values[i] = Math.sign(x.values[i]) * Number.POSITIVE_INFINITY;
      x.error[i] = 0;
    } else x.error[i] = UNSURE;
  }
  return x;
}

/** A floating-point operation that also takes int32, on which it is `f`, wrapping. */
function numeric(op: keyof typeof FLOAT, f: (a: number, b: number) => number): OracleRule<unknown> {
  const onFloats = floating(op);
  const onIntegers = exactly((a, b) => f(a, b) | 0);
  return (node, ...rest) => (isFloat(node.dtype) ? onFloats : onIntegers)(node, ...rest);
}

/** A comparison: unsure where the operands differ by no more than their errors. */
function comparison(holds: (a: number, b: number) => boolean): OracleRule<unknown> {
  return (node, [x, y]) => {
    const result = blank(node);
    const [first, second] = placesOf(node);
    const same = node.inputs[0] === node.inputs[1];
    for (let i = 0; i < result.values.length; i++) {
      const a = x.values[first[i]];
      const b = y.values[second[i]];
      const errors = x.error[first[i]] + y.error[second[i]];
      result.values[i] = Number(holds(a, b));
      const sure = errors === 0 || Math.abs(a - b) > errors || Number.isNaN(a) || Number.isNaN(b);
      if (errors === UNSURE || !(sure || same)) result.error[i] = UNSURE;
    }
    return result;
  };
}

const equal = comparison((a, b) => a === b);

/**
 * `x` equals the maximum of `x` where it is the largest by more than the errors, not where it is
 * smaller by more than them: the maximum is one of the very numbers it is compared with.
 */
function equalsItsMaximum(node: Tensor, x: BoundedValues, maximum: BoundedValues): BoundedValues {
  const result = equal(node, node.inputs[0].op === "max" ? [maximum, x] : [x, maximum], {}, NONE);
  const xAt = places(node.axes, x.axes);
  const groupAt = places(node.axes, maximum.axes);
  const n = sizeOf(maximum.axes);
  const contenders = new Int32Array(n);
  const isContender = (i: number) => {
    const [a, e, group] = [x.values[xAt[i]], x.error[xAt[i]], groupAt[i]];
    return a + e >= maximum.values[group] - maximum.error[group];
  };
  for (let i = 0; i < xAt.length; i++) if (isContender(i)) contenders[groupAt[i]]++;
  for (let i = 0; i < xAt.length; i++) {
    const lone = contenders[groupAt[i]] === 1;
    if (maximum.error[groupAt[i]] === UNSURE || !lone) continue;
    result.values[i] = Number(isContender(i));
    result.error[i] = 0;
  }
  return result;
}

const NONE: Given = new Map();

function isMaximumOf(maximum: Tensor, x: Tensor): boolean {
  return maximum.op === "max" && maximum.inputs[0] === x;
}

/** The float, truncated towards zero, as an int32 (saturated, 0 for NaN). */
function truncate(x: number): number {
  return Number.isNaN(x) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x)));
}

function toInteger(dtype: DType, x: number): number {
  return roundTo(dtype, truncate(x));
}

const castRule: OracleRule<unknown> = (node, [x]) => {
  const result = blank(node);
  const { values, error } = result;
  const p = precisionOf(node.dtype);
  for (let i = 0; i < values.length; i++) {
    const [a, e] = [x.values[i], x.error[i]];
    if (!isFloat(node.dtype)) {
      values[i] = toInteger(node.dtype, a);
      const sure = e === 0 || (e < UNSURE && truncate(a - e) === truncate(a + e));
      error[i] = sure ? 0 : UNSURE;
      continue;
    }
    values[i] = a;
    const kept = node.dtype === "float64" || (e === 0 && Math.fround(a) === a);
    error[i] = kept || !Number.isFinite(a) ? e : e + p.unit * (Math.abs(a) + e) + p.tiny;
  }
  return isFloat(node.dtype) ? overflowed(result) : result;
};

const selectRule: OracleRule<unknown> = (node, [condition, x, y]) => {
  const result = blank(node);
  const [at, first, second] = placesOf(node);
  for (let i = 0; i < result.values.length; i++) {
    const [a, b] = [x.values[first[i]], y.values[second[i]]];
    const [ea, eb] = [x.error[first[i]], y.error[second[i]]];
    const chosen = condition.values[at[i]] !== 0;
    result.values[i] = chosen ? a : b;
    if (condition.error[at[i]] === 0) result.error[i] = chosen ? ea : eb;
    else if (Object.is(a, b)) result.error[i] = Math.max(ea, eb);
    else {
      const apart = Math.abs(a - b);
      result.error[i] = apart <= 2 * (ea + eb) ? apart + Math.max(ea, eb) : UNSURE;
    }
  }
  return result;
};

const gatherRule: OracleRule<OperationOf<"gather">> = (node, [source, position], { axis }) => {
  const result = blank(node);
  const at = places(node.axes, position.axes);
  const base = places(node.axes, source.axes, axis);
  const stride = strideOf(axis, source.axes);
  for (let i = 0; i < result.values.length; i++) {
    const from = base[i] + clamp(position.values[at[i]], axis) * stride;
    result.values[i] = source.values[from];
    result.error[i] = position.error[at[i]] === 0 ? source.error[from] : UNSURE;
  }
  return result;
};

function clamp(position: number, axis: Axis): number {
  return Math.max(0, Math.min(axis.size - 1, position));
}

const scatterAddRule: OracleRule<OperationOf<"scatterAdd">> = (node, [x, position], { axis }) => {
  const space = [...new Set([...node.inputs[0].axes, ...node.inputs[1].axes])];
  const from = places(space, x.axes);
  const at = places(space, position.axes);
  const base = places(space, node.axes, axis);
  const stride = strideOf(axis, node.axes);
  const total = new Total(node);
  for (let i = 0; i < base.length; i++) {
    const j = from[i];
    if (position.error[at[i]] === UNSURE) {
      for (let k = 0; k < axis.size; k++) total.add(base[i] + k * stride, 0, UNSURE, 0);
      continue;
    }
    const to = base[i] + clamp(position.values[at[i]], axis) * stride;
    total.add(to, x.values[j], x.error[j], spreadAt(x, j));
  }
  return total.finish(x.spread !== undefined);
};

const sumRule: OracleRule<OperationOf<"sum">> = (node, [x], { over }) => {
  const source = node.inputs[0];
  const to = places(source.axes, node.axes);
  const merged = x.mass !== undefined && leavesSum(source, over);
  const total = new Total(node, merged ? x.terms : 1);
  for (let i = 0; i < to.length; i++) {
    total.add(to[i], x.values[i], x.error[i], spreadAt(x, i), merged ? massAt(x, i) : undefined);
  }
  return total.finish(x.spread !== undefined);
};

const maxRule: OracleRule<OperationOf<"max">> = (node, [x]) => {
  const result = blank(node);
  const { values, error } = result;
  values.fill(Number.NEGATIVE_INFINITY);
  const low = new Float64Array(values.length).fill(Number.NEGATIVE_INFINITY);
  const high = new Float64Array(values.length).fill(Number.NEGATIVE_INFINITY);
  const to = places(node.inputs[0].axes, node.axes);
  for (let i = 0; i < to.length; i++) {
    const [a, e, group] = [x.values[i], x.error[i], to[i]];
    values[group] = Math.max(values[group], a);
    low[group] = Math.max(low[group], a - e);
    high[group] = Math.max(high[group], a + e);
    if (e === UNSURE) error[group] = UNSURE;
  }
  for (let k = 0; k < values.length; k++) {
    if (error[k] === UNSURE || !Number.isFinite(values[k])) continue;
    error[k] = Math.max(high[k] - values[k], values[k] - low[k]);
  }
  return result;
};

const inputRule: OracleRule<OperationOf<"input">> = (node, _inputs, { name, order }, given) => {
  const values = given.get(name);
  if (values === undefined) throw new Error(`no values are given for input '${name}'`);
  if (ArrayBuffer.isView(values)) return known(node, values, order);
  const result = blank(node);
  places(order, values.axes).forEach((from, i) => {
    result.values[i] = values.values[from];
    result.error[i] = values.error[from];
  });
  return result;
};

function known(node: Tensor, data: TypedArray, order: readonly Axis[]): BoundedValues {
  const result = blank(node);
  if (data.length !== sizeOf(order)) throw new Error(`${node}: ${data.length} values are given`);
  result.values.set(data);
  return result;
}

/** The value of a node by the rule of its operation. */
export function compute(
  node: Tensor,
  inputs: readonly BoundedValues[],
  given: Given,
): BoundedValues {
  const rule = RULES[node.op] as OracleRule<Operation>;
  return rule(node, inputs, node.operation, given);
}

/** The rule of each operation. */
export const RULES: { readonly [O in Op]: OracleRule<OperationOf<O>> } = {
  input: inputRule,
  carry: (node) => {
    throw new Error(`${node}: a carry has a value in its loop only`);
  },
  scan: (node, inputs, operation, given) =>
    scanned(node, inputs, operation, (x, operands) => compute(x, operands, given)),
  literal: (node, _inputs, { data, order }) => known(node, data, order),
  constant: (node, _inputs, { value }) => {
    const result = blank(node);
    result.values[0] = value;
    return result;
  },
  index: (node) => {
    const result = blank(node);
    for (let i = 0; i < result.values.length; i++) result.values[i] = i;
    return result;
  },
  threefry: (node, inputs, { word }, given) =>
    exactly((k0, k1, c0, c1) => threefry(k0, k1, c0, c1)[word])(node, inputs, {}, given),
  stopGradient: (_node, [x]) => x,
  straightThrough: (_node, [x]) => x,
  cast: castRule,
  select: selectRule,
  gather: gatherRule,
  scatterAdd: scatterAddRule,
  cholesky: factored,
  choleskyAdjoint: factorAdjoint,
  triangularSolve: solved,
  sum: sumRule,
  max: maxRule,
  neg: (node, inputs, operation, given) => {
    const { spread, mass, terms } = inputs[0];
    return { ...numeric("neg", (a) => -a)(node, inputs, operation, given), spread, mass, terms };
  },
  abs: numeric("abs", Math.abs),
  floor: floating("floor"),
  sqrt: floating("sqrt"),
  exp: floating("exp"),
  log: floating("log"),
  sin: floating("sin"),
  cos: floating("cos"),
  tanh: floating("tanh"),
  sigmoid: floating("sigmoid"),
  softplus: floating("softplus"),
  log1p: floating("log1p"),
  expm1: floating("expm1"),
  erf: floating("erf"),
  lgamma: floating("lgamma"),
  digamma: floating("digamma"),
  trigamma: floating("trigamma"),
  add: numeric("add", (a, b) => a + b),
  sub: numeric("sub", (a, b) => a - b),
  mul: numeric("mul", Math.imul),
  div: floating("div"),
  minimum: numeric("minimum", Math.min),
  maximum: numeric("maximum", Math.max),
  logAddExp: floating("logAddExp"),
  lt: comparison((a, b) => a < b),
  le: comparison((a, b) => a <= b),
  eq: (node, inputs, operation, given) => {
    const [a, b] = node.inputs;
    if (isMaximumOf(b, a)) return equalsItsMaximum(node, inputs[0], inputs[1]);
    if (isMaximumOf(a, b)) return equalsItsMaximum(node, inputs[1], inputs[0]);
    return equal(node, inputs, operation, given);
  },
  and: exactly((a, b) => a & b),
  or: exactly((a, b) => a | b),
  xor: exactly((a, b) => a ^ b),
  shl: exactly((a, b) => a << b),
  shr: exactly((a, b) => (a >>> b) | 0),
  mod: (node, inputs, operation, given) => {
    const result = exactly((a, b) => ((a >>> 0) % (b >>> 0)) | 0)(node, inputs, operation, given);
    const at = places(node.axes, inputs[1].axes);
    at.forEach((j, i) => {
      if (inputs[1].values[j] === 0) result.error[i] = UNSURE;
    });
    return result;
  },
};
