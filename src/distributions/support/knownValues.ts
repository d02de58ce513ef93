/** Numbers that are known when an expression is made, held against a support. */

import {
  type Axis,
  intervalOf,
  type Operand,
  sizeOf,
  type Tensor,
  type TypedArray,
} from "../../tensor/internal.ts";
import { axesWithin, type Support } from "./support.ts";
import { relaxed, ruleOf } from "./supportRules.ts";

/**
 * The first of the known values of `x` that does not lie in the set, for people, if there is one.
 */
export function firstInvalid(support: Support, x: Operand): string | undefined {
  const { admits } = ruleOf(support);
  for (const value of typeof x === "number" ? [[x]] : knownValues(x, axesWithin(support))) {
    if (!admits(value, support)) return value.join(", ");
  }
  return undefined;
}

/** The place, row-major in the order of its axes, of the first number of a literal outside the set. */
export function firstOutside(support: Support, x: Tensor): number | undefined {
  const { operation } = x;
  const isNumber = operation.op === "literal" || operation.op === "constant";
  if (!isNumber || axesWithin(support).length > 0 || isCertain(support, x)) return undefined;
  const { admits } = ruleOf(relaxed(support));
  const data = numbersOf(x);
  const at = data.findIndex((value) => !admits([value], relaxed(support)));
  return at < 0 ? undefined : at;
}

/** Whether all values of `x` are known to lie in the set before anything is computed (`intervalOf`). */
export function isCertain(support: Support, x: Tensor): boolean {
  const interval = intervalOf(x);
  if (interval === undefined) return false;
  const { low, high, whole } = interval;
  switch (support.kind) {
    case "positive":
      return low > 0 || (low === 0 && support.closed);
    case "unit":
      return support.closed ? low >= 0 && high <= 1 : low > 0 && high < 1;
    case "binary":
      return low >= 0 && high <= 1;
    case "index":
      return whole && low >= 0 && high < support.axis.size;
    case "count": {
      const least = support.least === undefined ? 0 : intervalOf(support.least)?.high;
      const most =
        support.most === undefined ? Number.POSITIVE_INFINITY : intervalOf(support.most)?.low;
      const known = least !== undefined && most !== undefined;
      return known && whole && low >= least && high <= most;
    }
    default:
      return false;
  }
}

/** The numbers of a literal, as they were before they were rounded: a program in float64 has those. */
function numbersOf({ operation, exact }: Tensor): TypedArray {
  if (typeof exact === "number") return Float64Array.of(exact);
  if (exact !== undefined) return exact;
  if (operation.op === "literal") return operation.data;
  return Float64Array.of(...(operation.op === "constant" ? [operation.value] : []));
}

/** The numbers of a constant or a literal, one by one, or those along `within` together, row-major. */
export function* knownValues(x: Tensor, within: readonly Axis[]): Iterable<number[]> {
  const { operation } = x;
  const data = numbersOf(x);
  if (operation.op === "constant") yield [data[0]];
  if (operation.op !== "literal") return;
  const { order } = operation;
  const along = within
    .filter((a) => order.includes(a))
    .map((a) => ({ size: a.size, stride: sizeOf(order.slice(order.indexOf(a) + 1)) }));
  const places = along.reduce(
    (from, { size, stride }) =>
      from.flatMap((at) => Array.from({ length: size }, (_, k) => at + k * stride)),
    [0],
  );
  for (let i = 0; i < data.length; i++) {
    if (along.some(({ size, stride }) => Math.floor(i / stride) % size !== 0)) continue;
    yield places.map((at) => data[i + at]);
  }
}
