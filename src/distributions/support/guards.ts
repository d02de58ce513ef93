/** Densities that are only asked for values inside a support. */

import { type Axis, max, or, select, type Tensor } from "../../tensor/internal.ts";
import { isCertain } from "./knownValues.ts";
import type { Support } from "./support.ts";
import { isDiscrete, ruleOf } from "./supportRules.ts";

/**
 * `f` of values between the ends of a set of numbers, `below` of those under its lower end, and `above` of those that
 * no draw exceeds, where `f` sees some value of the set in their place. Of continuous draws an end itself counts with
 * what is outside it.
 */
export function guardEnds(
  support: Support,
  x: Tensor,
  f: (x: Tensor) => Tensor,
  below: number,
  above: number,
): Tensor {
  const { ends, inner } = ruleOf(support);
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = ends?.(support) ?? {};
  const isBelow = isDiscrete(support) ? x.lt(low) : x.le(low);
  const isAbove = x.ge(high);
  const some = inner?.(support, x.dtype) ?? 0;
  const within = f(select(or(isBelow, isAbove), some, x));
  return select(isAbove, above, select(isBelow, below, within));
}

/**
 * `f` of values in the support and `otherwise` outside, where `f` sees some value of the support in
 * their place, so that derivatives are finite too. A draw is inside if all its elements along
 * `dimensions` are.
 */
export function guardSupport(
  support: Support,
  x: Tensor,
  dimensions: readonly Axis[],
  f: (x: Tensor) => Tensor,
  otherwise: number,
): Tensor {
  const { contains, inner } = ruleOf(support);
  if (contains === undefined || inner === undefined || isCertain(support, x)) return f(x);
  const each = contains(x, support);
  const along = dimensions.filter((a) => each.has(a));
  const isInside = along.length === 0 ? each : max(select(each, 0, 1), ...along).eq(0);
  return select(isInside, f(select(each, x, inner(support, x.dtype))), otherwise);
}
