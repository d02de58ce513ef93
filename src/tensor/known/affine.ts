/** Positions that are sums of multiples of indices: those of slices, of lags, of windows. */
import type { Axis } from "../axis.ts";
import { apply, constant, make, type Tensor } from "../tensor.ts";

/** The sum of `start` and, for each axis, a factor times the position along it. */
export interface AffinePosition {
  /** None of them 0. */
  readonly factors: ReadonlyMap<Axis, number>;
  /** Where all indices are 0. */
  readonly start: number;
}

const KNOWN = new WeakMap<Tensor, { readonly found: AffinePosition | undefined }>();

/** A position as a sum of multiples of indices, if it is one. */
export function affineOf(position: Tensor): AffinePosition | undefined {
  const known = KNOWN.get(position);
  if (known !== undefined) return known.found;
  const found = affineFrom(position);
  KNOWN.set(position, { found });
  return found;
}

function affineFrom({ operation, inputs }: Tensor): AffinePosition | undefined {
  switch (operation.op) {
    case "constant":
      return { factors: new Map(), start: operation.value };
    case "index":
      return { factors: new Map([[operation.axis, 1]]), start: 0 };
    case "add":
    case "sub": {
      const [a, b] = inputs.map(affineOf);
      return a && b && plus(a, b, operation.op === "add" ? 1 : -1);
    }
    case "mul": {
      const [a, b] = inputs.map(affineOf);
      if (a === undefined || b === undefined) return undefined;
      if (a.factors.size > 0 && b.factors.size > 0) return undefined;
      const [number, other] = a.factors.size === 0 ? [a, b] : [b, a];
      return plus({ factors: new Map(), start: 0 }, other, number.start);
    }
    default:
      return undefined;
  }
}

/** a + by b. */
function plus(a: AffinePosition, b: AffinePosition, by: number): AffinePosition {
  const factors = new Map(a.factors);
  for (const [axis, factor] of b.factors) {
    const sum = (factors.get(axis) ?? 0) + by * factor;
    if (sum === 0) factors.delete(axis);
    else factors.set(axis, sum);
  }
  return { factors, start: a.start + by * b.start };
}

/** The least and the greatest position. */
export function rangeOf({ factors, start }: AffinePosition): readonly [number, number] {
  let [low, high] = [start, start];
  for (const [axis, factor] of factors) {
    const last = factor * (axis.size - 1);
    low += Math.min(0, last);
    high += Math.max(0, last);
  }
  return [low, high];
}

/** Whether no two elements of axes that a position varies along have the same position. */
export function isInjective({ factors }: AffinePosition, over: readonly Axis[]): boolean {
  const steps = over.map((axis) => ({ step: Math.abs(factors.get(axis) ?? 0), size: axis.size }));
  let reached = 0;
  for (const { step, size } of steps.sort((a, b) => a.step - b.step)) {
    if (step <= reached) return false;
    reached += step * (size - 1);
  }
  return true;
}

/** A position that is affine, and lies within the axis everywhere. */
export function affineWithin(position: Tensor, along: Axis): AffinePosition | undefined {
  const found = affineOf(position);
  if (found === undefined) return undefined;
  const [low, high] = rangeOf(found);
  return low >= 0 && high < along.size ? found : undefined;
}

/** `x` with positions in the place of the indices of axes, all at once. */
export function substituted(
  { factors, start }: AffinePosition,
  positions: ReadonlyMap<Axis, AffinePosition>,
): AffinePosition {
  let total: AffinePosition = { factors: new Map(), start };
  for (const [axis, factor] of factors) {
    const there = positions.get(axis) ?? { factors: new Map([[axis, 1]]), start: 0 };
    total = plus(total, there, factor);
  }
  return total;
}

/** The position as a tensor, int32. */
export function positionOf({ factors, start }: AffinePosition): Tensor {
  let total: Tensor | undefined;
  for (const [axis, factor] of factors) {
    const index = make({ op: "index", axis }, []);
    const term = factor === 1 ? index : apply("mul", index, constant(factor, "int32"));
    total = total === undefined ? term : apply("add", total, term);
  }
  if (total === undefined) return constant(start, "int32");
  return start === 0 ? total : apply("add", total, constant(start, "int32"));
}
