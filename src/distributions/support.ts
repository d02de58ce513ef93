/** Where values may lie: of draws and of parameters. One rule for each kind of set. */
import {
  type Axis,
  abs,
  and,
  floor,
  max,
  type Operand,
  select,
  sizeOf,
  sum,
  type Tensor,
} from "../tensor/index.ts";

/**
 * - `real`, `positive`, `unit`: the real line, (0, infinity), (0, 1); the last two with their finite
 *   ends where they are `closed`.
 * - `above`, `below`, `interval`: the numbers from `low` on, up to `high`, from `low` to `high`.
 * - `simplex`: not negative and summing to one along an axis. `ordered`: increasing along an axis.
 * - `binary`: 0 and 1. `index`: the positions along an axis. `count`: 0, 1, 2, ... up to `most`, if
 *   it is given. `counts`: counts along an axis that sum to `total`.
 * - `point`: a single value, known beforehand, which may lie in any other set.
 */
export type Support =
  | { readonly kind: "real" }
  | { readonly kind: "positive" | "unit"; readonly closed: boolean }
  | { readonly kind: "above"; readonly low: Tensor }
  | { readonly kind: "below"; readonly high: Tensor }
  | { readonly kind: "interval"; readonly low: Tensor; readonly high: Tensor }
  | { readonly kind: "simplex" | "ordered"; readonly axis: Axis }
  | { readonly kind: "binary" }
  | { readonly kind: "index"; readonly axis: Axis }
  | { readonly kind: "count"; readonly most?: Tensor }
  | { readonly kind: "counts"; readonly axis: Axis; readonly total: Tensor }
  | { readonly kind: "point" };

export type SupportKind = Support["kind"];
/** The supports of kind `K`. */
export type SupportOf<K extends SupportKind> = Support extends infer S
  ? S extends { readonly kind: infer P }
    ? K extends P
      ? S & { readonly kind: K }
      : never
    : never
  : never;

export const REAL: Support = { kind: "real" };
export const POSITIVE: Support = { kind: "positive", closed: false };
export const NOT_NEGATIVE: Support = { kind: "positive", closed: true };
/** Between 0 and 1. */
export const UNIT: Support = { kind: "unit", closed: false };
/** From 0 to 1. */
export const CLOSED_UNIT: Support = { kind: "unit", closed: true };
export const COUNT: Support = { kind: "count" };

interface Rule<S extends Support> {
  /** What a value must be, for people. */
  words(support: S): string;
  /** Whether integers are values. */
  readonly discrete: boolean;
  /** Whether a number, or the numbers along the axis of the set, are a value. */
  admits(value: readonly number[], support: S): boolean;
  /** 1 where `x` is a value, without the axis of the set; undefined where nothing is refused. */
  contains?(x: Tensor, support: S): Tensor;
  /** Some value of the set, which stands in for values outside it. */
  inner?(support: S): Tensor | number;
}

const total = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
const isWhole = (x: Tensor) => x.eq(floor(x));

/** How far from one the sum of a simplex may be. */
const SLACK = 1e-3;

const RULES: { readonly [K in SupportKind]: Rule<SupportOf<K>> } = {
  real: { words: () => "a finite number", discrete: false, admits: ([x]) => Number.isFinite(x) },
  positive: {
    words: ({ closed }) => (closed ? "at least 0 and finite" : "greater than 0 and finite"),
    discrete: false,
    admits: ([x], { closed }) => (x > 0 || (closed && x === 0)) && Number.isFinite(x),
    contains: (x, { closed }) => (closed ? x.ge(0) : x.gt(0)),
    inner: () => 1,
  },
  unit: {
    words: ({ closed }) => (closed ? "from 0 to 1" : "between 0 and 1, both excluded"),
    discrete: false,
    admits: ([x], { closed }) => (x > 0 && x < 1) || (closed && (x === 0 || x === 1)),
    contains: (x, { closed }) => (closed ? and(x.ge(0), x.le(1)) : and(x.gt(0), x.lt(1))),
    inner: () => 0.5,
  },
  above: {
    words: () => "at least its lower bound",
    discrete: false,
    admits: ([x]) => Number.isFinite(x),
    contains: (x, { low }) => x.ge(low),
    inner: ({ low }) => low.add(1),
  },
  below: {
    words: () => "at most its upper bound",
    discrete: false,
    admits: ([x]) => Number.isFinite(x),
    contains: (x, { high }) => x.le(high),
    inner: ({ high }) => high.sub(1),
  },
  interval: {
    words: () => "between its bounds",
    discrete: false,
    admits: ([x]) => Number.isFinite(x),
    contains: (x, { low, high }) => and(x.ge(low), x.le(high)),
    inner: ({ low, high }) => low.add(high).mul(0.5),
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
    discrete: false,
    admits: (xs) => xs.every((x, k) => Number.isFinite(x) && (k === 0 || xs[k - 1] < x)),
  },
  binary: { words: () => "0 or 1", discrete: true, admits: ([x]) => x === 0 || x === 1 },
  index: {
    words: ({ axis }) => `a position along '${axis.name}'`,
    discrete: true,
    admits: ([x], { axis }) => Number.isInteger(x) && x >= 0 && x < axis.size,
    contains: (x, { axis }) => and(x.ge(0), x.lt(axis.size)),
    inner: () => 0,
  },
  count: {
    words: () => "a whole number of at least 0",
    discrete: true,
    admits: ([x]) => Number.isInteger(x) && x >= 0,
    contains: (x, { most }) => {
      const count = and(x.ge(0), isWhole(x));
      return most === undefined ? count : and(count, x.le(most));
    },
    inner: () => 0,
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

function ruleOf<S extends Support>(support: S): Rule<S> {
  return RULES[support.kind] as unknown as Rule<S>;
}

/** What a value must be, such as `greater than 0 and finite`. */
export function words(support: Support): string {
  return ruleOf(support).words(support);
}

/** Whether integers are values. */
export function isDiscrete(support: Support): boolean {
  return ruleOf(support).discrete;
}

/** The first of the known values of `x` that does not lie in the set, for people, if there is one. */
export function refused(support: Support, x: Operand): string | undefined {
  const { admits } = ruleOf(support);
  const { axis } = support as { readonly axis?: Axis };
  for (const value of typeof x === "number" ? [[x]] : knownValues(x, axis)) {
    if (!admits(value, support)) return value.join(", ");
  }
  return undefined;
}

/** The numbers of a constant or a literal, one by one, or those along `axis` together. */
function* knownValues({ operation }: Tensor, along: Axis | undefined): Iterable<number[]> {
  if (operation.op === "constant") yield [operation.value];
  if (operation.op !== "literal") return;
  const { data, order } = operation;
  const at = along === undefined ? -1 : order.indexOf(along);
  const size = at < 0 ? 1 : order[at].size;
  const stride = sizeOf(order.slice(at < 0 ? order.length : at + 1));
  for (let i = 0; i < data.length; i++) {
    if (Math.floor(i / stride) % size !== 0) continue;
    yield Array.from({ length: size }, (_, k) => data[i + k * stride]);
  }
}

/**
 * `f` of values in the support and `otherwise` outside, where `f` sees some value of the support in
 * their place, so that derivatives are finite too.
 */
export function inside(
  support: Support,
  x: Tensor,
  f: (x: Tensor) => Tensor,
  otherwise: number,
): Tensor {
  const { contains, inner } = ruleOf(support);
  if (contains === undefined || inner === undefined) return f(x);
  const isInside = contains(x, support);
  return select(isInside, f(select(isInside, x, inner(support))), otherwise);
}

/**
 * Whether draws with support `q` may stand where draws with support `p` are expected: sets of one
 * kind along the same axis, whose ends, where these are plain numbers, are equal. A point may stand
 * anywhere.
 */
export function fits(q: Support, p: Support): boolean {
  if (q.kind === "point") return true;
  if (q.kind !== p.kind) return false;
  const [a, b] = [q, p].map(attributes);
  return Object.keys(a).every((key) => a[key] === b[key] || a[key] === undefined);
}

/** The axis and the plain numbers among the ends of a support. */
function attributes(support: Support): Record<string, unknown> {
  const { axis, low, high } = support as { axis?: Axis; low?: Tensor; high?: Tensor };
  return { axis, low: plainNumber(low), high: plainNumber(high) };
}

function plainNumber(x: Tensor | undefined): number | undefined {
  return x?.operation.op === "constant" ? x.operation.value : undefined;
}

/** `real`, `index level: 3`. */
export function describeSupport(support: Support): string {
  return "axis" in support ? `${support.kind} ${support.axis}` : support.kind;
}
