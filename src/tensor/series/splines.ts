/** Splines as sums of known functions of x, which are polynomials between knots. */
import {
  ANYTHING,
  AXIS,
  checkArguments,
  NUMBERS,
  optionsWith,
  TENSOR,
} from "../arguments/kinds.ts";
import { realNumber, wholeNumber } from "../arguments/numbers.ts";
import { type Axis, axis, describePlace } from "../axis.ts";
import { isFloat } from "../dtype.ts";
import { SurmiseError } from "../errors.ts";
import { gatherClamped } from "../known/gather.ts";
import { sum, tensor } from "../math.ts";
import { cast, checkTensor, type Tensor } from "../tensor.ts";
import { referenceOf } from "./reference.ts";

/** The polynomials of each function between two knots: by interval, function, and power of the distance from `start`. */
interface Pieces {
  /** Where intervals begin; the first and the last go on for ever. */
  readonly starts: readonly number[];
  readonly coefficients: readonly (readonly (readonly number[])[])[];
}

/** Where a spline has its knots, and along which axis its functions are. */
export interface SplineOptions {
  /** Increasing, with both ends of the range. */
  readonly knots: readonly number[];
  /** The axis of the functions. */
  readonly basis: Axis;
}

/**
 * The B-splines of `x` (de Boor, "A Practical Guide to Splines", 2001): piecewise polynomials of the given degree, with
 * `degree - 1` continuous derivatives, that add up to 1 and of which `degree + 1` are not 0 at a place. The result has
 * the axes of x and `basis`, whose size is the number of knots + degree - 1. Beyond the ends the last polynomials go on,
 * and soon away, which is told on the console where x is known; `naturalSplines` are straight there.
 *
 * @throws SurmiseError if the knots do not increase, or the axis has another size.
 *
 * @example
 * const shape = bSplines(age, { knots: quantileKnots(age, 6), basis }); // basis of size 8
 * const weights = sample("weights", normal(0, 1).event(basis));
 * sum(shape.mul(weights), basis)
 */
export function bSplines(x: Tensor, options: SplineOptions & { readonly degree?: number }): Tensor {
  checkArguments("bSplines", { x }, TENSOR);
  checkArguments(
    "bSplines",
    { options },
    optionsWith<typeof options>({ knots: NUMBERS, basis: AXIS, degree: ANYTHING }),
  );
  const { knots, basis, degree = 3 } = options;
  wholeNumber("bSplines: degree", degree, { least: 1 });
  checkKnots("bSplines", knots, 2);
  checkSize(
    "bSplines",
    basis,
    knots.length + degree - 1,
    `${knots.length} knots of degree ${degree}`,
  );
  const [first, last] = [knots[0], knots[knots.length - 1]];
  tellBeyond(x, first, last);
  const ends = (at: number) => new Array<number>(degree).fill(at);
  const all = [...ends(first), ...knots, ...ends(last)];
  const coefficients = knots
    .slice(0, -1)
    .map((start, m) => bSplinePieces(all, degree, m + degree, start));
  return piecewise(x, basis, { starts: knots.slice(0, -1), coefficients });
}

/** What was told: a model is run several times. */
const told = new Set<string>();

/** Says which known values lie beyond the knots, where B-splines are hardly meant. */
function tellBeyond({ operation, exact }: Tensor, first: number, last: number): void {
  if (operation.op !== "literal") return;
  const values = [...((exact as Float64Array | undefined) ?? operation.data)];
  const beyond = values.filter((t) => t < first || t > last);
  if (beyond.length === 0) return;
  const message =
    `surmise: bSplines: ${beyond.length} of ${values.length} values lie beyond the knots, which reach from ${first} to ${last} ` +
    `(such as ${describePlace(operation.order, values.indexOf(beyond[0]))}, ${beyond[0]}): there the last polynomials go on, and ` +
    "soon away; give knots that reach as far, or take naturalSplines, which are straight there";
  if (told.has(message)) return;
  told.add(message);
  console.warn(message);
}

/** Of each B-spline the polynomial, in powers of x - start, between the knots number `interval` and the next. */
function bSplinePieces(
  knots: readonly number[],
  degree: number,
  interval: number,
  start: number,
): number[][] {
  const count = knots.length - 1;
  let pieces = Array.from({ length: count }, (_, i) => [i === interval ? 1 : 0]);
  for (let d = 1; d <= degree; d++) {
    // B_i,d = (x - t_i) / (t_{i+d} - t_i) B_i,d-1 + (t_{i+d+1} - x) / (t_{i+d+1} - t_{i+1}) B_{i+1},d-1, where 0 / 0 is 0.
    pieces = Array.from({ length: count - d }, (_, i) => {
      const rising = scaled(pieces[i], start - knots[i], 1, knots[i + d] - knots[i]);
      const width = knots[i + d + 1] - knots[i + 1];
      const falling = scaled(pieces[i + 1], knots[i + d + 1] - start, -1, width);
      return rising.map((c, power) => c + falling[power]);
    });
  }
  return pieces;
}

/** (constant + slope u) p(u) / width, or 0 if the width is. */
function scaled(p: readonly number[], constant: number, slope: number, width: number): number[] {
  return Array.from({ length: p.length + 1 }, (_, power) => {
    const value = constant * (p[power] ?? 0) + slope * (p[power - 1] ?? 0);
    return width === 0 ? 0 : value / width;
  });
}

/**
 * The functions of a natural cubic spline of `x` by its values at the knots: function k is 1 at knot k and 0 at the
 * others, so that the weights of the functions are the values of the spline there. Second derivatives are continuous, and 0 at
 * both ends, beyond which it is straight. The result has the axes of x and `basis`, of the size of the number of knots.
 *
 * @throws SurmiseError if there are less than 3 knots, they do not increase, or the axis has another size.
 */
export function naturalSplines(x: Tensor, options: SplineOptions): Tensor {
  checkArguments("naturalSplines", { x }, TENSOR);
  checkArguments(
    "naturalSplines",
    { options },
    optionsWith<SplineOptions>({ knots: NUMBERS, basis: AXIS }),
  );
  const { knots, basis } = options;
  checkKnots("naturalSplines", knots, 3);
  checkSize("naturalSplines", basis, knots.length, `${knots.length} knots`);
  const bends = secondDerivatives(knots);
  const width = (m: number) => knots[m + 1] - knots[m];
  const inner = knots.slice(0, -1).map((_, m) =>
    knots.map((_, k) => {
      const [y, next] = [m === k ? 1 : 0, m + 1 === k ? 1 : 0];
      const [bend, nextBend] = [bends[m][k], bends[m + 1][k]];
      const h = width(m);
      const slope = (next - y) / h - (h * (2 * bend + nextBend)) / 6;
      return [y, slope, bend / 2, (nextBend - bend) / (6 * h)];
    }),
  );
  const before = inner[0].map(([y, slope]) => [y, slope, 0, 0]);
  const h = width(knots.length - 2);
  const after = inner[inner.length - 1].map(([y, slope, half, cubic]) => [
    y + h * (slope + h * (half + h * cubic)),
    slope + h * (2 * half + 3 * h * cubic),
    0,
    0,
  ]);
  // Before the first knot the distance is counted from it, too.
  return piecewise(x, basis, {
    starts: [knots[0], ...knots],
    coefficients: [before, ...inner, after],
  });
}

/** The second derivative at each knot (rows) for a value of 1 at each knot (columns): a tridiagonal system, 0 at the ends. */
function secondDerivatives(knots: readonly number[]): number[][] {
  const n = knots.length;
  const h = knots.slice(0, -1).map((t, i) => knots[i + 1] - t);
  const pivots: number[] = [];
  const rows: number[][] = [];
  for (let i = 1; i < n - 1; i++) {
    const right = knots.map((_, k) => {
      const at = (j: number) => (j === k ? 1 : 0);
      return 6 * ((at(i + 1) - at(i)) / h[i] - (at(i) - at(i - 1)) / h[i - 1]);
    });
    const factor = i === 1 ? 0 : h[i - 1] / pivots[i - 2];
    pivots.push(2 * (h[i - 1] + h[i]) - factor * h[i - 1]);
    rows.push(right.map((value, k) => value - factor * (rows[i - 2]?.[k] ?? 0)));
  }
  const zero = new Array<number>(n).fill(0);
  const solved: number[][] = [zero];
  for (let i = n - 2; i >= 1; i--) {
    solved.unshift(rows[i - 1].map((v, k) => (v - h[i] * solved[0][k]) / pivots[i - 1]));
  }
  return [zero, ...solved];
}

/**
 * So many knots with equal shares of the known values of `x` between them, both ends included: quantiles with linear
 * interpolation, as in NumPy. Where rows are predicted, those of a column are of the rows of the fit.
 *
 * @throws SurmiseError if x is not made of known numbers, or has too few different values for so many.
 */
export function quantileKnots(x: Tensor, count: number): number[] {
  checkTensor("quantileKnots", x);
  wholeNumber("quantileKnots: the number of knots", count, { least: 2 });
  const { operation, exact } = referenceOf(x);
  if (operation.op !== "literal") {
    throw new SurmiseError(
      "quantileKnots: x must be a tensor of known values, such as a column, and nothing made of one: take the knots of the " +
        "column, and do the same to these, as in quantileKnots(day, 4).map((t) => t / 365)",
    );
  }
  const sorted = Float64Array.from((exact as Float64Array) ?? operation.data).sort();
  const knots = Array.from({ length: count }, (_, i) => {
    const at = (i / (count - 1)) * (sorted.length - 1);
    const low = Math.floor(at);
    const next = sorted[Math.min(low + 1, sorted.length - 1)];
    return sorted[low] + (at - low) * (next - sorted[low]);
  });
  const same = knots.findIndex((t, i) => i > 0 && t <= knots[i - 1]);
  if (same < 0) return knots;
  throw new SurmiseError(
    `quantileKnots: knots ${same} and ${same + 1} of ${count} are both ${knots[same]}, which many values are: ` +
      "ask for fewer, or give knots of your own",
  );
}

/** The functions at `x`: the polynomial of its interval. */
function piecewise(x: Tensor, basis: Axis, { starts, coefficients }: Pieces): Tensor {
  checkTensor("a spline", x);
  if (!isFloat(x.dtype)) {
    throw new SurmiseError(`a spline of ${x}: use cast(x, 'float32')`);
  }
  const known = (values: readonly number[] | readonly (readonly number[])[], axes: Axis[]) =>
    x.dtype === "float64"
      ? tensor(Float64Array.from(values.flat()), axes)
      : tensor(values.flat(), axes);
  const interval = axis("interval", starts.length);
  const bounds = starts.slice(1);
  const bound = bounds.length === 0 ? undefined : axis("bound", bounds.length);
  const passed = bound && sum(x.ge(known(bounds, [bound])), bound);
  const take = (table: Tensor) =>
    gatherClamped(table, interval, passed === undefined ? ZERO : cast(passed, "int32"));
  const u = x.sub(take(known(starts, [interval])));
  const powers = coefficients[0][0].map((_, power) =>
    take(
      known(
        coefficients.map((each) => each.map((c) => c[power])),
        [interval, basis],
      ),
    ),
  );
  return powers.reduceRight((value, c) => value.mul(u).add(c));
}

const ZERO = cast(tensor(0), "int32");

function checkKnots(what: string, knots: readonly number[], least: number): void {
  wholeNumber(`${what}: the number of knots`, knots.length, { least });
  knots.forEach((t, i) => {
    realNumber(`${what}: knot ${i + 1}`, t, i === 0 ? {} : { above: knots[i - 1] });
  });
}

function checkSize(what: string, basis: Axis, size: number, by: string): void {
  if (basis.size === size) return;
  throw new SurmiseError(
    `${what}: ${by} make ${size} functions, but axis '${basis.name}' has ${basis.size}`,
  );
}
