/** Between which numbers the values of an expression lie, as far as can be said before anything is computed. */
import { type DType, isFloat, type TypedArray, WHOLE_RANGE } from "../dtype.ts";
import type { Op, Operation, OperationOf } from "../ops.ts";

/** What rules see of a tensor. */
interface Node {
  readonly op: Op;
  readonly operation: Operation;
  readonly inputs: readonly Node[];
  readonly dtype: DType;
}

/**
 * All values lie from `low` to `high`; those of floating point may be not a number besides. An infinite end
 * of whole numbers is one of which nothing is known.
 */
export interface Interval {
  /** The lower end, which may be attained. */
  readonly low: number;
  /** The upper end, which may be attained. */
  readonly high: number;
  /** Whether all values are whole numbers. */
  readonly whole: boolean;
}

/** Of inputs, carries, random bits and what wraps on purpose nothing is known. */
type Known = Interval | undefined;

interface Intervals {
  get(x: Node): { readonly interval: Known } | undefined;
  set(x: Node, found: { readonly interval: Known }): unknown;
}

const known: Intervals = new WeakMap<Node, { readonly interval: Known }>();

/** Graphs are looked into so far: deeper values are taken for unknown. */
const DEEPEST = 64;

/** The interval of the values of `x`, by interval arithmetic; undefined where nothing is known. */
export function intervalOf(x: Node, intervals: Intervals = known, depth = 0): Known {
  const found = intervals.get(x);
  if (found !== undefined) return found.interval;
  const unbounded = depth < DEEPEST ? withoutEnds(x, intervals, depth) : undefined;
  const interval =
    unbounded && beyondType(x.dtype, unbounded) === undefined ? unbounded : undefined;
  intervals.set(x, { interval });
  return interval;
}

/** The interval, if the type of `x` had no ends. */
function withoutEnds(x: Node, intervals: Intervals, depth: number): Known {
  const rule = RULES[x.op] as Rule<Operation> | undefined;
  return rule?.(x, x.operation, (y) => intervalOf(y, intervals, depth + 1));
}

/** The farthest value beyond int32 that an int32 tensor may have, as far as is known. */
export function overflowOf(x: Node): number | undefined {
  if (x.dtype !== "int32") return undefined;
  const interval = withoutEnds(x, known, 0);
  return interval && beyondType("int32", interval);
}

/** The end of an interval that a type of whole numbers does not hold. */
function beyondType(dtype: DType, { low, high }: Interval): number | undefined {
  if (dtype !== "int32" && dtype !== "uint8") return undefined;
  const [least, most] = WHOLE_RANGE[dtype];
  if (high > most && high !== Number.POSITIVE_INFINITY) return high;
  return low < least && low !== Number.NEGATIVE_INFINITY ? low : undefined;
}

/**
 * The farthest value beyond int32 that a carry of a loop reaches after some turns, as far as is known: its
 * interval is followed for two turns, and grows from there as it did in the second.
 */
export function overflowOfCarry(
  init: Node,
  carry: Node,
  next: Node,
  turn: { readonly position: Node; readonly turns: number },
): number | undefined {
  const { position, turns } = turn;
  const positions = interval(0, turns - 1, true);
  const after = (of: Known) => {
    const seen = new Map([
      [carry, { interval: of }],
      [position, { interval: positions }],
    ]);
    return intervalOf(next, seen) ?? withoutEnds(next, seen, 0);
  };
  const first = after(intervalOf(init));
  const second = first && after(first);
  if (!isBounded(first) || !isBounded(second)) return undefined;
  return beyondType("int32", {
    low: second.low + (second.low - first.low) * (turns - 2),
    high: second.high + (second.high - first.high) * (turns - 2),
    whole: true,
  });
}

/** The interval of an operation's result, if its type had no ends; `of` gives those of its inputs. */
type Rule<Of> = (x: Node, operation: Of, of: (y: Node) => Known) => Known;

/** More than 0, as far as numbers reach. */
const LEAST = Number.MIN_VALUE;
const [LOWEST, HIGHEST] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

const interval = (low: number, high: number, whole: boolean): Known =>
  Number.isNaN(low) || Number.isNaN(high) ? undefined : { low, high, whole };

/** Both ends are known; whole numbers wrap beyond those that are not. */
const isBounded = (a: Known): a is Interval =>
  a !== undefined && Number.isFinite(a.low) && Number.isFinite(a.high);

const same: Rule<Operation> = ({ inputs: [x] }, _, of) => of(x);
const truth: Rule<Operation> = () => interval(0, 1, true);
const positive: Rule<Operation> = () => interval(LEAST, HIGHEST, false);

const arithmetic =
  (f: (a: Interval, b: Interval) => Known): Rule<Operation> =>
  ({ dtype, inputs: [x, y] }, _, of) => {
    const [a, b] = [of(x), of(y)];
    if (a === undefined || b === undefined) return undefined;
    return isFloat(dtype) || (isBounded(a) && isBounded(b)) ? f(a, b) : undefined;
  };

const add = (a: Interval, b: Interval): Known =>
  interval(a.low + b.low, a.high + b.high, a.whole && b.whole);

const negative = ({ low, high, whole }: Interval): Interval => ({ low: -high, high: -low, whole });

function product(a: Interval, b: Interval): Known {
  const ends = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  const low = Math.min(...ends);
  const least = a.low > 0 && b.low > 0 ? Math.max(low, LEAST) : low;
  return interval(least, Math.max(...ends), a.whole && b.whole);
}

const quotient = (a: Interval, b: Interval): Known =>
  a.low >= 0 && b.low > 0 ? interval(a.low > 0 ? LEAST : 0, HIGHEST, false) : undefined;

/** Of one operand alone, one end is known. */
const extreme =
  (pick: (a: number, b: number) => number): Rule<Operation> =>
  ({ dtype, inputs: [x, y] }, _, of) => {
    const all = { low: LOWEST, high: HIGHEST, whole: !isFloat(dtype) };
    const [a, b] = [of(x), of(y)];
    if (a === undefined && b === undefined) return undefined;
    const [c, d] = [a ?? all, b ?? all];
    return interval(pick(c.low, d.low), pick(c.high, d.high), c.whole && d.whole);
  };

const RULES: { readonly [O in Op]?: Rule<OperationOf<O>> } = {
  constant: (_, { value }) => interval(value, value, Number.isInteger(value)),
  literal: (_, { data }) => intervalOfData(data),
  index: (_, { axis }) => interval(0, axis.size - 1, true),
  input: ({ dtype }) => (dtype === "uint8" ? interval(0, 255, true) : undefined),
  cast: ({ dtype, inputs: [x] }, _, of) => castInterval(of(x), x.dtype, dtype),
  lt: truth,
  le: truth,
  eq: truth,
  gather: same,
  stopGradient: same,
  straightThrough: same,
  max: same,
  exp: positive,
  softplus: positive,
  sigmoid: () => interval(LEAST, 1, false),
  floor: ({ inputs: [x] }, _, of) => {
    const a = of(x);
    return a && interval(Math.floor(a.low), Math.floor(a.high), true);
  },
  sqrt: ({ inputs: [x] }, _, of) => {
    const a = of(x);
    return a && a.low >= 0 ? interval(Math.sqrt(a.low), Math.sqrt(a.high), false) : undefined;
  },
  abs: ({ dtype, inputs: [x] }, _, of) => {
    const a = of(x);
    if (a === undefined || (!isFloat(dtype) && !isBounded(a))) {
      return isFloat(dtype) ? interval(0, HIGHEST, false) : undefined;
    }
    return interval(
      Math.max(0, a.low, -a.high),
      Math.max(Math.abs(a.low), Math.abs(a.high)),
      a.whole,
    );
  },
  neg: ({ dtype, inputs: [x] }, _, of) => {
    const a = of(x);
    return a && (isFloat(dtype) || isBounded(a)) ? negative(a) : undefined;
  },
  sum: ({ inputs: [x] }, _, of) => {
    const a = of(x);
    return a && a.low >= 0 ? interval(a.low, HIGHEST, a.whole) : undefined;
  },
  add: arithmetic(add),
  sub: arithmetic((a, b) => add(a, negative(b))),
  mul: (x, operation, of) => {
    const found = arithmetic(product)(x, operation, of);
    if (x.inputs[0] !== x.inputs[1]) return found;
    if (found === undefined) return isFloat(x.dtype) ? interval(0, HIGHEST, false) : undefined;
    return { ...found, low: Math.max(found.low, 0) };
  },
  div: arithmetic(quotient),
  minimum: extreme(Math.min),
  maximum: extreme(Math.max),
  select: ({ inputs: [, x, y] }, _, of) => {
    if (isNaNConstant(y)) return of(x);
    const [a, b] = [of(x), of(y)];
    return a && b && interval(Math.min(a.low, b.low), Math.max(a.high, b.high), a.whole && b.whole);
  },
  and: ({ inputs: [x, y] }, _, of) => {
    const highs = [of(x), of(y)].filter((a) => a !== undefined && a.low >= 0).map((a) => a?.high);
    return highs.length === 0 ? undefined : interval(0, Math.min(...(highs as number[])), true);
  },
  mod: ({ inputs: [, by] }, _, of) => {
    const a = of(by);
    return a && a.low > 0 ? interval(0, a.high - 1, true) : undefined;
  },
  shr: ({ inputs: [x, by] }, _, of) => {
    const [a, bits] = [of(x), of(by)];
    if (bits === undefined || bits.low <= 0 || bits.high >= 32) return undefined;
    const isSigned = !isBounded(a) || a.low < 0;
    const most = isSigned ? 2 ** 32 - 1 : a.high;
    return interval(0, Math.floor(most / 2 ** bits.low), true);
  },
};

const isNaNConstant = ({ operation }: Node) =>
  operation.op === "constant" && Number.isNaN(operation.value);

/** The intervals of literals' values, which several nodes may share. */
const knownOfData = new WeakMap<TypedArray, { readonly interval: Known }>();

/** Undefined if one value is not a number. */
function intervalOfData(data: TypedArray): Known {
  const found = knownOfData.get(data);
  if (found !== undefined) return found.interval;
  let [low, high, whole, isNumber] = [HIGHEST, LOWEST, true, true];
  for (const x of data) {
    if (x < low) low = x;
    if (x > high) high = x;
    if (x !== Math.floor(x)) whole = false;
    if (Number.isNaN(x)) isNumber = false;
  }
  const result = isNumber && data.length > 0 ? interval(low, high, whole) : undefined;
  knownOfData.set(data, { interval: result });
  return result;
}

function castInterval(a: Known, from: DType, to: DType): Known {
  if (from === "uint8") return a ?? interval(0, 255, true);
  if (isFloat(to)) return a;
  const whole = a && interval(Math.trunc(a.low), Math.trunc(a.high), true);
  // Not a number becomes 0; numbers beyond a type are not followed.
  const hull =
    whole && isFloat(from)
      ? { low: Math.min(0, whole.low), high: Math.max(0, whole.high), whole: true }
      : whole;
  const isHeld = isBounded(hull) && beyondType(to, hull) === undefined;
  if (isHeld) return hull;
  return to === "uint8" ? interval(0, 255, true) : undefined;
}
