/** What the kinds of support mean: one rule for each. */
import {
  type Axis,
  abs,
  and,
  cast,
  cholesky,
  type DType,
  describeAxes,
  diagonal,
  floor,
  gatherClamped,
  index,
  isFloat,
  max,
  type Operand,
  select,
  square,
  sum,
  type Tensor,
} from "../../tensor/internal.ts";
import { hasUnitRows, isLowerTriangle, isPositiveDefinite } from "./matrices.ts";
import {
  CLOSED_UNIT,
  plainNumber,
  type Support,
  type SupportKind,
  type SupportOf,
} from "./support.ts";

/** Whole numbers in a row. */
export interface FiniteValues {
  /** The first of them. */
  readonly first: number;
  /** How many there are. */
  readonly count: number;
}

/** The ends of a set of numbers; what is left out is infinite. */
export interface Ends {
  /** No value is less. */
  readonly low?: Operand;
  /** No value is greater. */
  readonly high?: Operand;
}

interface SupportRule<S extends Support> {
  /** What a value must be, for people. */
  words(support: S): string;
  /** What helps where a computed value nearly is one. */
  readonly remedy?: string;
  /** Whether integers are values. */
  readonly discrete: boolean;
  /** Whether a number, or the numbers along the axes of the set, row-major, are a value. */
  admits(value: readonly number[], support: S): boolean;
  /** 1 where `x` is a value, without the axes of the set; undefined where nothing is refused. */
  contains?(x: Tensor, support: S): Tensor;
  /** Some value of the set, which stands in for values outside it. */
  inner?(support: S, dtype: DType): Tensor | number;
  /** The smallest and the largest value of sets of single numbers, where they are finite. */
  ends?(support: S): Ends;
  /** All values of a discrete set, where they are finitely many and known. */
  values?(support: S): FiniteValues | undefined;
}

const total = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
const over = ({ row, column }: { row: Axis; column: Axis }) => describeAxes([row, column]);
const isWhole = (x: Tensor) => (isFloat(x.dtype) ? x.eq(floor(x)) : x.eq(x));
const isBelowInfinity = (x: Tensor) =>
  isFloat(x.dtype) ? x.lt(Number.POSITIVE_INFINITY) : x.eq(x);

/** How far from one the sum of a simplex may be. */
const SLACK = 1e-3;

interface Square {
  readonly row: Axis;
  readonly column: Axis;
}

function isTriangle(x: Tensor, { row, column }: Square): Tensor {
  const [i, j] = [index(row), index(column)];
  const isFine = select(i.eq(j), x.gt(0), select(i.lt(j), x.eq(0), x.eq(x)));
  return max(select(and(isFine, isBelowInfinity(x)), 0, 1), row, column).eq(0);
}

function identity({ row, column }: Square, dtype: DType): Tensor {
  return cast(index(row).eq(index(column)), dtype);
}

const isIncreasing = (xs: readonly number[]) =>
  xs.every((x, k) => Number.isFinite(x) && (k === 0 || xs[k - 1] < x));

/** 1 where finite numbers increase along an axis. */
function increases(x: Tensor, axis: Axis): Tensor {
  const place = index(axis);
  const before = gatherClamped(x, axis, place.sub(1));
  const isHigher = and(select(place.eq(0), 1, before.lt(x)), abs(x).lt(Number.POSITIVE_INFINITY));
  return max(select(isHigher, 0, 1), axis).eq(0);
}

const RULES: { readonly [K in SupportKind]: SupportRule<SupportOf<K>> } = {
  real: {
    words: () => "a finite number",
    discrete: false,
    admits: ([x]) => Number.isFinite(x),
    ends: () => ({}),
  },
  positive: {
    words: ({ closed }) => (closed ? "at least 0 and finite" : "greater than 0 and finite"),
    discrete: false,
    admits: ([x], { closed }) => (x > 0 || (closed && x === 0)) && Number.isFinite(x),
    contains: (x, { closed }) => and(closed ? x.ge(0) : x.gt(0), isBelowInfinity(x)),
    inner: () => 1,
    ends: () => ({ low: 0 }),
  },
  unit: {
    words: ({ closed }) => (closed ? "from 0 to 1" : "between 0 and 1, both excluded"),
    discrete: false,
    admits: ([x], { closed }) => (x > 0 && x < 1) || (closed && (x === 0 || x === 1)),
    contains: (x, { closed }) => (closed ? and(x.ge(0), x.le(1)) : and(x.gt(0), x.lt(1))),
    inner: () => 0.5,
    ends: () => ({ low: 0, high: 1 }),
  },
  above: {
    words: ({ low }) => `at least ${plainNumber(low) ?? "its lower bound"}`,
    discrete: false,
    admits: ([x], { low }) => Number.isFinite(x) && !(x < (plainNumber(low) ?? x)),
    contains: (x, { low }) => and(x.ge(low), isBelowInfinity(x)),
    inner: ({ low }) => low.add(1),
    ends: ({ low }) => ({ low }),
  },
  below: {
    words: ({ high }) => `at most ${plainNumber(high) ?? "its upper bound"}`,
    discrete: false,
    admits: ([x], { high }) => Number.isFinite(x) && !(x > (plainNumber(high) ?? x)),
    contains: (x, { high }) => and(x.le(high), x.gt(Number.NEGATIVE_INFINITY)),
    inner: ({ high }) => high.sub(1),
    ends: ({ high }) => ({ high }),
  },
  interval: {
    words: ({ low, high }) => {
      const [least, most] = [plainNumber(low), plainNumber(high)];
      return least === undefined || most === undefined
        ? "between its bounds"
        : `from ${least} to ${most}`;
    },
    discrete: false,
    admits: ([x], { low, high }) =>
      Number.isFinite(x) && !(x < (plainNumber(low) ?? x) || x > (plainNumber(high) ?? x)),
    contains: (x, { low, high }) => and(x.ge(low), x.le(high)),
    inner: ({ low, high }) => low.add(high).mul(0.5),
    ends: ({ low, high }) => ({ low, high }),
  },
  angle: {
    words: () => "an angle in radians",
    discrete: false,
    admits: ([x]) => Number.isFinite(x),
  },
  simplex: {
    words: ({ axis }) => `not negative and of sum 1 along '${axis.name}'`,
    discrete: false,
    admits: (shares) => shares.every((x) => x >= 0) && Math.abs(total(shares) - 1) <= SLACK,
    contains: (x, { axis }) => and(max(x.neg(), axis).le(0), abs(sum(x, axis).sub(1)).le(SLACK)),
    inner: ({ axis }) => 1 / axis.size,
  },
  ordered: {
    words: ({ axis }) => `increasing along '${axis.name}'`,
    remedy: "a prior of increasing numbers is ordered(normal(0, 1), axis)",
    discrete: false,
    admits: isIncreasing,
    contains: (x, { axis }) => increases(x, axis),
    inner: ({ axis }, dtype) => cast(index(axis), dtype),
  },
  positiveOrdered: {
    words: ({ axis }) => `greater than 0 and increasing along '${axis.name}'`,
    remedy: "a prior of such numbers is ordered(gamma(2, 1), axis)",
    discrete: false,
    admits: (xs) => xs[0] > 0 && isIncreasing(xs),
    contains: (x, { axis }) => and(increases(x, axis), max(select(x.gt(0), 0, 1), axis).eq(0)),
    inner: ({ axis }, dtype) => cast(index(axis).add(1), dtype),
  },
  image: {
    words: () => "a finite number in the image of its bijection",
    discrete: false,
    admits: (xs) => xs.every(Number.isFinite),
  },
  choleskyFactor: {
    words: (support) => `a lower triangle with a positive diagonal over ${over(support)}`,
    discrete: false,
    admits: (xs, { row }) => isLowerTriangle(xs, row.size),
    contains: isTriangle,
    inner: identity,
  },
  correlationFactor: {
    words: (support) =>
      `a lower triangle with a positive diagonal and rows of length one over ${over(support)}`,
    discrete: false,
    admits: (xs, { row }) => isLowerTriangle(xs, row.size) && hasUnitRows(xs, row.size, SLACK),
    contains: (x, support) => {
      const { row, column } = support;
      const length = abs(sum(square(x), column).sub(1));
      return and(isTriangle(x, support), max(length, row).le(SLACK));
    },
    inner: identity,
  },
  positiveDefinite: {
    words: (support) => `symmetric and positive definite over ${over(support)}`,
    remedy:
      "where only rounding is to blame, add a small number to its diagonal, such as 1e-6 times its mean",
    discrete: false,
    admits: (xs, { row }) => isPositiveDefinite(xs, row.size, SLACK),
    // The factor is there already where densities are made of it.
    contains: (x, { row, column }) => {
      const pivots = diagonal(cholesky(x, row, column), row, column);
      return max(select(pivots.gt(0), 0, 1), column).eq(0);
    },
    inner: identity,
  },
  binary: {
    words: () => "0 or 1",
    discrete: true,
    admits: ([x]) => x === 0 || x === 1,
    ends: () => ({ low: 0, high: 1 }),
    values: () => ({ first: 0, count: 2 }),
  },
  index: {
    words: ({ axis }) => `a position along '${axis.name}'`,
    discrete: true,
    admits: ([x], { axis }) => Number.isInteger(x) && x >= 0 && x < axis.size,
    contains: (x, { axis }) => and(x.ge(0), x.lt(axis.size)),
    inner: () => 0,
    ends: ({ axis }) => ({ low: 0, high: axis.size - 1 }),
    values: ({ axis }) => ({ first: 0, count: axis.size }),
  },
  count: {
    words: ({ least, most }) => {
      const low = (least === undefined ? 0 : plainNumber(least)) ?? "its lower bound";
      if (most === undefined) return `a whole number of at least ${low}`;
      return `a whole number from ${low} to ${plainNumber(most) ?? "its upper bound"}`;
    },
    discrete: true,
    admits: ([x], { least, most }) =>
      Number.isInteger(x) &&
      x >= (plainNumber(least) ?? 0) &&
      x <= (plainNumber(most) ?? Number.POSITIVE_INFINITY),
    contains: (x, { least, most }) => {
      const count = and(and(x.ge(least ?? 0), isWhole(x)), isBelowInfinity(x));
      return most === undefined ? count : and(count, x.le(most));
    },
    inner: ({ least }, dtype) => (least === undefined ? 0 : cast(least, dtype)),
    ends: ({ least = 0, most }) => ({ low: least, ...(most && { high: most }) }),
    values: ({ least, most }) => {
      const [first, last] = [least === undefined ? 0 : plainNumber(least), plainNumber(most)];
      return first === undefined || last === undefined
        ? undefined
        : { first, count: Math.max(0, last - first + 1) };
    },
  },
  counts: {
    words: ({ axis }) => `whole numbers of at least 0 that sum to the total along '${axis.name}'`,
    discrete: true,
    admits: (counts) => counts.every((x) => Number.isInteger(x) && x >= 0),
    contains: (x, { axis, total }) => {
      const strange = select(and(x.ge(0), isWhole(x)), 0, 1);
      return and(max(strange, axis).eq(0), sum(x, axis).eq(total));
    },
    inner: () => 0,
  },
  point: { words: () => "a single value", discrete: false, admits: ([x]) => Number.isFinite(x) },
};

/** What is known of supports of this kind. */
export function ruleOf<S extends Support>(support: S): SupportRule<S> {
  return RULES[support.kind] as unknown as SupportRule<S>;
}

/** What a value must be, such as `greater than 0 and finite`. */
export function describeConstraint(support: Support): string {
  return ruleOf(support).words(support);
}

/** What a value must be, and what helps where a computed one nearly is so. */
export function describeViolation(support: Support): string {
  const { remedy } = ruleOf(support);
  return describeConstraint(support) + (remedy === undefined ? "" : ` (${remedy})`);
}

/** The smallest and the largest value of a set of single numbers; undefined for other sets. */
export function endsOf(support: Support): Ends | undefined {
  return ruleOf(support).ends?.(support);
}

/** All values of a discrete set of single numbers, where they are finitely many and known; else undefined. */
export function finiteValues(support: Support): FiniteValues | undefined {
  return ruleOf(support).values?.(support);
}

/** Whether integers are values. */
export function isDiscrete(support: Support): boolean {
  return ruleOf(support).discrete;
}

/**
 * 1 where `x` does not lie in the set, uint8; undefined where that is unknown. In the place of 0 and 1 all
 * between them are accepted.
 */
export function isOutside(support: Support, x: Tensor): Tensor | undefined {
  const { contains } = ruleOf(relaxed(support));
  if (contains !== undefined) return contains(x, relaxed(support)).eq(0);
  return support.kind === "real" || support.kind === "angle"
    ? abs(x).lt(Number.POSITIVE_INFINITY).eq(0)
    : undefined;
}

/** Densities of coins take the grey between 0 and 1 too. */
export function relaxed(support: Support): Support {
  return support.kind === "binary" ? CLOSED_UNIT : support;
}
