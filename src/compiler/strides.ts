/** How far apart in memory the elements of an expression lie that follow each other along an axis. */
import {
  type AffinePosition,
  type Axis,
  affineWithin,
  sizeOf,
  substituted,
  type Tensor,
} from "../tensor/internal.ts";
import { type Buffer, stride } from "./buffer.ts";

/** The steps of the largest stored value that an expression is made of, in its elements, by axis of the loops. */
export function stepsOf(
  value: Tensor,
  buffers: ReadonlyMap<Tensor, Buffer>,
): ReadonlyMap<Axis, number> {
  let largest: Buffer | undefined;
  let steps: ReadonlyMap<Axis, number> = new Map();
  const seen = new Set<Tensor>();
  const visit = (x: Tensor, positions: ReadonlyMap<Axis, AffinePosition>) => {
    const stored = buffers.get(x);
    if (stored !== undefined) {
      if (largest === undefined || sizeOf(stored.order) > sizeOf(largest.order)) {
        largest = stored;
        steps = stepsIn(stored, positions);
      }
      return;
    }
    if (seen.has(x)) return;
    seen.add(x);
    const { operation, inputs } = x;
    if (operation.op !== "gather") {
      for (const y of inputs) visit(y, positions);
      return;
    }
    const affine = affineWithin(inputs[1], operation.axis);
    if (affine === undefined) return;
    visit(inputs[0], new Map(positions).set(operation.axis, substituted(affine, positions)));
  };
  visit(value, new Map());
  return steps;
}

function stepsIn(stored: Buffer, positions: ReadonlyMap<Axis, AffinePosition>) {
  const steps = new Map<Axis, number>();
  for (const a of stored.order) {
    const factors = positions.get(a)?.factors ?? new Map([[a, 1]]);
    for (const [axis, factor] of factors) {
      steps.set(axis, (steps.get(axis) ?? 0) + Math.abs(factor) * stride(stored, a));
    }
  }
  return steps;
}
