/** A log density as a part of programs of one's own, and what it costs there. */
import { isLinear, linearWork } from "../../../compiler/internal.ts";
import {
  bodyOf,
  grad,
  nodesOf,
  type ScanLoop,
  sizeOf,
  sum,
  Tensor,
} from "../../../tensor/internal.ts";
import type { Position } from "../layout.ts";

/** A log density and its gradient as expressions, over the further axes of the position. */
export interface LogDensityAt<P extends Position> {
  /** In nats, float64. */
  readonly value: Tensor;
  /** As the position; it lacks axes along which it is constant. */
  readonly gradient: P;
}

/** A log density that is made of `position`, with its gradient (`LogDensity.at`). */
export function withGradient<P extends Position>(value: Tensor, position: P): LogDensityAt<P> {
  const entries: [string, Tensor][] =
    position instanceof Tensor ? [["", position]] : Object.entries(position);
  const total = value.axes.length === 0 ? value : sum(value);
  const found = grad(
    total,
    entries.map(([, x]) => x),
  );
  const gradient =
    position instanceof Tensor
      ? found[0]
      : Object.fromEntries(entries.map(([name], i) => [name, found[i]]));
  return { value, gradient: gradient as P };
}

/** How many numbers there are in all tensors that a value is made of. */
export function elementsOf(value: Tensor): number {
  return totalOf(nodesOf([value]));
}

/** How many of them vary with the inputs: what is known is computed once. */
export function varyingElementsOf(value: Tensor): number {
  const varying = new Set<Tensor>();
  for (const node of nodesOf([value])) {
    if (node.op === "input" || node.inputs.some((x) => varying.has(x))) varying.add(node);
  }
  return totalOf([...varying]);
}

const totalOf = (nodes: readonly Tensor[]) =>
  nodes.reduce((total, { axes }) => total + sizeOf(axes), 0);

/**
 * About how many operations on numbers an evaluation takes at most: one for each number of all tensors, those that are made
 * inside of loops at each turn that they may take, and what matrix factors and triangular equations take.
 */
export function operationsOf(values: readonly Tensor[], outside: readonly Tensor[] = []): number {
  const made = new Set(nodesOf(outside));
  const loops = new Set<ScanLoop>();
  let total = 0;
  for (const node of nodesOf(values)) {
    if (made.has(node)) continue;
    total += sizeOf(node.axes) + (isLinear(node) ? linearWork(node) : 0);
    if (node.operation.op === "scan") loops.add(bodyOf(node.operation).loop);
  }
  for (const { axis, next, free } of loops) total += axis.size * operationsOf(next, free);
  return total;
}
