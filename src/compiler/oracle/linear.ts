/** Cholesky factors, their adjoints and triangular solves by element, with error bounds for any order of their sums. */
import {
  type Axis,
  type OperationOf,
  sizeOf,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import { FLOAT } from "./float.ts";
import { places, strideOf } from "./layout.ts";
import { type Precision, precisionOf } from "./precision.ts";
import { type BoundedValues, blank } from "./values.ts";

const UNSURE = Number.POSITIVE_INFINITY;

/** A number and how far a program's may be from it. */
interface Bounded {
  value: number;
  error: number;
}

/** first - sum of p[k] q[k] for `count` terms in any order, each product rounded or fused. */
class Difference implements Bounded {
  value: number;
  error: number;
  private mass: number;
  private count = 0;
  private readonly p: Precision;

  constructor(values: BoundedValues, at: number, p: Precision) {
    this.value = values.values[at];
    this.error = values.error[at];
    this.mass = Math.abs(this.value) + this.error;
    this.p = p;
  }

  subtract(x: BoundedValues, i: number, y: BoundedValues, j: number): void {
    const [a, ea, b, eb] = [x.values[i], x.error[i], y.values[j], y.error[j]];
    this.value -= a * b;
    this.error += Math.abs(a) * eb + Math.abs(b) * ea + ea * eb + this.p.tiny;
    this.mass += (Math.abs(a) + ea) * (Math.abs(b) + eb);
    this.count++;
  }

  /** The difference, with what rounding may do. */
  finish(): Bounded {
    const { count, mass, p } = this;
    if (!(this.error < UNSURE)) return { value: this.value, error: UNSURE };
    if (Number.isNaN(this.value) && !(mass === UNSURE)) return { value: this.value, error: 0 };
    const error = this.error + (count === 0 ? 0 : (count + 1) * p.unit * mass);
    return { value: this.value, error: mass + error <= p.huge ? error : UNSURE };
  }
}

/** A quotient, or the product with the reciprocal. */
function quotient({ value, error }: Bounded, by: Bounded, p: Precision): Bounded {
  const v = value / by.value;
  if (error === UNSURE || by.error === UNSURE) return { value: v, error: UNSURE };
  const moved = FLOAT.div.bound(v, value, error, by.value, by.error, p);
  const whole = moved === 0 ? 0 : moved + 2 * p.unit * (Math.abs(v) + moved) + p.tiny;
  return { value: v, error: whole >= 0 ? whole : UNSURE };
}

/** The root of a pivot; NaN unless it is greater than 0 and finite. */
function root({ value, error }: Bounded, p: Precision): Bounded {
  if (error === UNSURE) return { value: Number.NaN, error };
  if (!(value < Number.POSITIVE_INFINITY) || value <= 0) {
    return { value: Number.NaN, error: value + error > 0 && value <= 0 ? UNSURE : 0 };
  }
  const v = Math.sqrt(value);
  if (!(value > error)) return { value: v, error: UNSURE };
  return { value: v, error: FLOAT.sqrt.bound(v, value, error, 0, 0, p) };
}

function put(into: BoundedValues, at: number, { value, error }: Bounded): void {
  into.values[at] = value;
  into.error[at] = error >= 0 ? error : UNSURE;
}

const read = ({ values, error }: BoundedValues, at: number): Bounded => ({
  value: values[at],
  error: error[at],
});

/** Cholesky factors in doubles, with bounds on the error of a program. */
export function factored(
  node: Tensor,
  [a]: readonly BoundedValues[],
  { row, column }: OperationOf<"cholesky">,
): BoundedValues {
  const l = blank(node);
  const p = precisionOf(node.dtype);
  const batch = withoutAxes(node.axes, [row, column]);
  const from = places(batch, a.axes);
  const [aRow, aColumn] = [row, column].map((x) => strideOf(x, a.axes));
  const [lRow, lColumn] = [row, column].map((x) => strideOf(x, l.axes));
  places(batch, l.axes).forEach((start, which) => {
    const at = (i: number, j: number) => start + i * lRow + j * lColumn;
    for (let i = 0; i < row.size; i++) {
      for (let j = 0; j <= i; j++) {
        const rest = new Difference(a, from[which] + i * aRow + j * aColumn, p);
        for (let k = 0; k < j; k++) rest.subtract(l, at(i, k), l, at(j, k));
        const done = rest.finish();
        put(l, at(i, j), i === j ? root(done, p) : quotient(done, read(l, at(j, j)), p));
      }
    }
  });
  return l;
}

/** Adjoints of Cholesky factors in doubles, column by column from the last, with bounds on the error of a program. */
export function factorAdjoint(
  node: Tensor,
  [l, g]: readonly BoundedValues[],
  { row, column }: OperationOf<"choleskyAdjoint">,
): BoundedValues {
  const h = blank(node);
  const p = precisionOf(node.dtype);
  const n = row.size;
  const batch = withoutAxes(node.axes, [row, column]);
  const indexIn = ({ axes }: BoundedValues) => {
    const from = places(batch, axes);
    const [byRow, byColumn] = [row, column].map((x) => strideOf(x, axes));
    return (which: number, i: number, j: number) => from[which] + i * byRow + j * byColumn;
  };
  const [inL, inG, inH] = [l, g, h].map(indexIn);
  for (let which = 0; which < sizeOf(batch); which++) {
    const [ofL, ofG, at] = [inL, inG, inH].map(
      (place) => (i: number, j: number) => place(which, i, j),
    );
    for (let c = n - 1; c >= 0; c--) {
      const pivot = read(l, ofL(c, c));
      for (let i = n - 1; i >= c; i--) {
        const rest = new Difference(g, ofG(i, c), p);
        for (let k = c + 1; k < n; k++) rest.subtract(h, at(i, k), l, ofL(k, c));
        const x = quotient(rest.finish(), pivot, p);
        put(h, at(i, c), x);
        put(h, at(c, i), x);
      }
    }
  }
  return h;
}

/** Solutions of triangular equations in doubles, with bounds on the error of a program. */
export function solved(
  node: Tensor,
  [l, b]: readonly BoundedValues[],
  { row, column, transposed }: OperationOf<"triangularSolve">,
): BoundedValues {
  const x = blank(node);
  const p = precisionOf(node.dtype);
  const n = row.size;
  const [equation, unknown] = transposed ? [column, row] : [row, column];
  const others = withoutAxes(node.axes, [unknown]);
  const along = (a: Axis, { axes }: BoundedValues) => strideOf(a, axes);
  const [lEquation, lUnknown] = [along(equation, l), along(unknown, l)];
  const [bEquation, xUnknown] = [along(equation, b), along(unknown, x)];
  const fromL = places(others, l.axes);
  const fromB = places(others, b.axes);
  places(others, x.axes).forEach((start, which) => {
    const matrix = (e: number, u: number) => fromL[which] + e * lEquation + u * lUnknown;
    for (let i = 0; i < n; i++) {
      const e = transposed ? n - 1 - i : i;
      const rest = new Difference(b, fromB[which] + e * bEquation, p);
      for (let k = 0; k < i; k++) {
        const u = transposed ? n - 1 - k : k;
        rest.subtract(l, matrix(e, u), x, start + u * xUnknown);
      }
      put(x, start + e * xUnknown, quotient(rest.finish(), read(l, matrix(e, e)), p));
    }
  });
  return x;
}
