/** What is known of the values of an expression before anything is computed. */
import { type DType, isFloat, type TypedArray } from "./dtype.ts";
import type { Tensor } from "./tensor.ts";

/** All values lie from `low` to `high`; those of floating point may be not a number besides. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Whether all values are whole numbers. */
  readonly whole: boolean;
}

const UNIT: Interval = { low: 0, high: 1, whole: true };
/** More than 0, as far as numbers reach. */
const LEAST = Number.MIN_VALUE;
const MOST_INT = 2 ** 31 - 1;

/** The interval of known values; undefined if one of them is not a number. */
const KNOWN = new WeakMap<TypedArray, Interval | "none">();

/** The interval of the values of `x`, by interval arithmetic; undefined where nothing is known. */
export function intervalOf(
  x: Tensor,
  known = new Map<Tensor, Interval | undefined>(),
): Interval | undefined {
  if (known.has(x)) return known.get(x);
  known.set(x, undefined);
  const found = within(x, (y) => intervalOf(y, known));
  const valid = found !== undefined && (isFloat(x.dtype) || fitsInt(found)) ? found : undefined;
  known.set(x, valid);
  return valid;
}

function within(x: Tensor, of: (y: Tensor) => Interval | undefined): Interval | undefined {
  const { operation, inputs } = x;
  switch (operation.op) {
    case "literal":
      return intervalOfData(operation.data);
    case "constant":
      return Number.isNaN(operation.value) ? undefined : intervalOfData([operation.value]);
    case "index":
      return { low: 0, high: operation.axis.size - 1, whole: true };
    case "lt":
    case "le":
    case "eq":
      return UNIT;
    case "cast":
      return castInterval(of(inputs[0]), inputs[0].dtype, x.dtype);
    case "gather":
    case "stopGradient":
    case "max":
      return of(inputs[0]);
    case "exp":
    case "softplus":
      return { low: LEAST, high: Number.POSITIVE_INFINITY, whole: false };
    case "sigmoid":
      return { low: LEAST, high: 1, whole: false };
    case "abs":
      return { low: 0, high: Number.POSITIVE_INFINITY, whole: of(inputs[0])?.whole ?? false };
    case "neg": {
      const a = of(inputs[0]);
      return a && { low: -a.high, high: -a.low, whole: a.whole };
    }
    case "floor": {
      const a = of(inputs[0]);
      return a && { low: Math.floor(a.low), high: Math.floor(a.high), whole: true };
    }
    case "sqrt": {
      const a = of(inputs[0]);
      return a && a.low >= 0
        ? { low: Math.sqrt(a.low), high: Math.sqrt(a.high), whole: false }
        : undefined;
    }
    case "sum": {
      const a = of(inputs[0]);
      return a && a.low >= 0
        ? { low: a.low, high: Number.POSITIVE_INFINITY, whole: a.whole }
        : undefined;
    }
    case "mul":
      if (inputs[0] === inputs[1]) {
        return { low: 0, high: Number.POSITIVE_INFINITY, whole: of(inputs[0])?.whole ?? false };
      }
      return both(of(inputs[0]), of(inputs[1]), product);
    case "div":
      return both(of(inputs[0]), of(inputs[1]), (a, b) =>
        a.low >= 0 && b.low > 0
          ? { low: a.low > 0 ? LEAST : 0, high: Number.POSITIVE_INFINITY, whole: false }
          : undefined,
      );
    case "add":
      return both(of(inputs[0]), of(inputs[1]), sum);
    case "sub":
      return both(of(inputs[0]), of(inputs[1]), (a, b) =>
        sum(a, { low: -b.high, high: -b.low, whole: b.whole }),
      );
    case "minimum":
    case "maximum":
      return extreme(operation.op, of(inputs[0]), of(inputs[1]));
    case "select":
      return both(of(inputs[1]), of(inputs[2]), (a, b) => ({
        low: Math.min(a.low, b.low),
        high: Math.max(a.high, b.high),
        whole: a.whole && b.whole,
      }));
    default:
      return undefined;
  }
}

function intervalOfData(data: TypedArray | readonly number[]): Interval | undefined {
  const known = ArrayBuffer.isView(data) ? KNOWN.get(data as TypedArray) : undefined;
  if (known !== undefined) return known === "none" ? undefined : known;
  let [low, high, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  for (let i = 0; i < data.length; i++) {
    const x = data[i];
    if (x < low) low = x;
    if (x > high) high = x;
    if (x !== Math.floor(x)) whole = false;
    if (Number.isNaN(x)) high = Number.NaN;
    if (Number.isNaN(high)) break;
  }
  const found = Number.isNaN(high) ? undefined : { low, high, whole };
  if (ArrayBuffer.isView(data)) KNOWN.set(data as TypedArray, found ?? "none");
  return found;
}

function fitsInt({ low, high }: Interval): boolean {
  return low >= -MOST_INT - 1 && high <= MOST_INT;
}

function castInterval(a: Interval | undefined, from: DType, to: DType): Interval | undefined {
  if (a === undefined || from === to || isFloat(to)) return a;
  const whole = { low: Math.trunc(a.low), high: Math.trunc(a.high), whole: true };
  // Not a number becomes 0; numbers beyond a type are not followed.
  const hull = isFloat(from)
    ? { low: Math.min(0, whole.low), high: Math.max(0, whole.high), whole: true }
    : whole;
  return to === "uint8" && (hull.low < 0 || hull.high > 255) ? undefined : hull;
}

function both(
  a: Interval | undefined,
  b: Interval | undefined,
  f: (a: Interval, b: Interval) => Interval | undefined,
): Interval | undefined {
  return a && b && f(a, b);
}

function sum(a: Interval, b: Interval): Interval | undefined {
  const [low, high] = [a.low + b.low, a.high + b.high];
  return Number.isNaN(low) || Number.isNaN(high)
    ? undefined
    : { low, high, whole: a.whole && b.whole };
}

function product(a: Interval, b: Interval): Interval | undefined {
  const ends = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  if (ends.some(Number.isNaN)) return undefined;
  const positive = a.low > 0 && b.low > 0;
  const low = Math.min(...ends);
  return {
    low: positive ? Math.max(low, LEAST) : low,
    high: Math.max(...ends),
    whole: a.whole && b.whole,
  };
}

/** Of one operand alone, one end is known. */
function extreme(op: "minimum" | "maximum", a?: Interval, b?: Interval): Interval | undefined {
  if (a === undefined && b === undefined) return undefined;
  const all: Interval = {
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
    whole: false,
  };
  const [x, y] = [a ?? all, b ?? all];
  const pick = Math[op === "minimum" ? "min" : "max"];
  return { low: pick(x.low, y.low), high: pick(x.high, y.high), whole: x.whole && y.whole };
}
