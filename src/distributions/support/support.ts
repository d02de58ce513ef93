/** Where values may lie: of draws and of parameters. */
import { type Axis, describeAxes, kindOf, Tensor } from "../../tensor/internal.ts";
import type { Bijection } from "../bijections/bijection.ts";

/**
 * - `real`, `positive`, `unit`: the real line, (0, infinity), (0, 1); the last two with their
 * finite ends where they are `closed`.
 * - `above`, `below`, `interval`: the numbers from `low` on, up to `high`, from `low` to `high`.
 * - `angle`: angles in radians, where whole turns make no difference.
 * - `simplex`: not negative and summing to one along an axis. `ordered`: increasing along an axis.
 * `positiveOrdered`: increasing and greater than 0.
 * - `image`: what a bijection of one's own makes of the real line, element by element or along axes of its own.
 * - `choleskyFactor`: lower triangles with a positive diagonal, over two axes of one size.
 * `correlationFactor`: those with rows of length one, the factors L of correlation matrices L L^T.
 * `positiveDefinite`: symmetric positive definite matrices.
 * - `binary`: 0 and 1. `index`: the positions along an axis. `count`: 0, 1, 2, ..., from `least` and up to
 * `most`, if these are given. `counts`: counts along an axis that sum to `total`.
 * - `point`: a single value, known beforehand, which may lie in any other set.
 */
export type Support =
  | { readonly kind: "real" | "angle" }
  | { readonly kind: "positive" | "unit"; readonly closed: boolean }
  | { readonly kind: "above"; readonly low: Tensor }
  | { readonly kind: "below"; readonly high: Tensor }
  | { readonly kind: "interval"; readonly low: Tensor; readonly high: Tensor }
  | { readonly kind: "simplex" | "ordered" | "positiveOrdered"; readonly axis: Axis }
  | { readonly kind: "image"; readonly map: Bijection }
  | {
      readonly kind: "choleskyFactor" | "correlationFactor" | "positiveDefinite";
      readonly row: Axis;
      readonly column: Axis;
    }
  | { readonly kind: "binary" }
  | { readonly kind: "index"; readonly axis: Axis }
  | { readonly kind: "count"; readonly least?: Tensor; readonly most?: Tensor }
  | { readonly kind: "counts"; readonly axis: Axis; readonly total: Tensor }
  | { readonly kind: "point" };

/** The kinds of support, by name. */
export type SupportKind = Support["kind"];
/** The supports of kind `K`. */
export type SupportOf<K extends SupportKind> = Support extends infer S
  ? S extends { readonly kind: infer P }
    ? K extends P
      ? S & { readonly kind: K }
      : never
    : never
  : never;

/** What an argument that is a support must be. */
export const SUPPORT = kindOf(
  "a support, such as POSITIVE",
  (x) => typeof x === "object" && x !== null && typeof (x as Support).kind === "string",
);

/** The real line. */
export const REAL: Support = { kind: "real" };
/** From -pi to pi, whose ends are the same point. */
export const ANGLE: Support = { kind: "angle" };
/** Above 0. */
export const POSITIVE: Support = { kind: "positive", closed: false };
/** 0 and above. */
export const NOT_NEGATIVE: Support = { kind: "positive", closed: true };
/** Between 0 and 1. */
export const UNIT: Support = { kind: "unit", closed: false };
/** From 0 to 1. */
export const CLOSED_UNIT: Support = { kind: "unit", closed: true };
/** 0, 1, 2, ... */
export const COUNT: Support = { kind: "count" };

/**
 * Whether draws with support `q` may stand where draws with support `p` are expected: sets of one
 * kind along the same axis, whose ends, where these are plain numbers, are equal. A point may stand
 * anywhere.
 */
export function supportMatches(q: Support, p: Support): boolean {
  if (q.kind === "point") return true;
  if (q.kind !== p.kind) return false;
  const [a, b] = [q, p].map(attributes);
  return Object.keys(a).every((key) => a[key] === b[key] || a[key] === undefined);
}

/** The same support with `f` of its ends and totals. */
export function mapSupport(support: Support, f: (x: Tensor) => Tensor): Support {
  const entries = Object.entries(support);
  if (!entries.some(([, x]) => x instanceof Tensor)) return support;
  return Object.fromEntries(
    entries.map(([name, x]) => [name, x instanceof Tensor ? f(x) : x]),
  ) as unknown as Support;
}

/** The axes and the plain numbers among the ends of a support. */
function attributes(support: Support): Record<string, unknown> {
  type Any = {
    axis?: Axis;
    row?: Axis;
    column?: Axis;
    map?: Bijection;
    low?: Tensor;
    high?: Tensor;
    least?: Tensor;
    most?: Tensor;
    total?: Tensor;
  };
  const { axis, row, column, map, ...ends } = support as Any;
  const { low, high, least, most, total } = ends;
  const numbers = Object.entries({ low, high, least, most, total }).map(([name, end]) => [
    name,
    plainNumber(end),
  ]);
  return { axis, row, column, map, ...Object.fromEntries(numbers) };
}

/** The number that a tensor is, if it is a constant, before it was rounded. */
export function plainNumber(x: Tensor | undefined): number | undefined {
  if (x?.operation.op !== "constant") return undefined;
  return typeof x.exact === "number" ? x.exact : x.operation.value;
}

/** `real`, `index level: 3`. */
export function describeSupport(support: Support): string {
  if ("row" in support) return `${support.kind} ${describeAxes([support.row, support.column])}`;
  return "axis" in support ? `${support.kind} ${support.axis}` : support.kind;
}

/** The axes along which the numbers of one value lie: those of a simplex, of a matrix, or of a map of one's own. */
export function axesWithin(support: Support): readonly Axis[] {
  if (support.kind === "image") return support.map.axes ?? [];
  if ("row" in support) return [support.row, support.column];
  return "axis" in support && support.kind !== "index" ? [support.axis] : [];
}
