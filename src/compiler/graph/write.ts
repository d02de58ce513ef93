/** Recognises updates that write one position along an axis (`setAt`), which need no copy of the rest. */
import type { Axis, Tensor } from "../../tensor/index.ts";

/** The elements at `position` along `axis` become `value`; neither varies along the axis. */
export interface PositionWrite {
  /** The axis along which one position is written. */
  readonly axis: Axis;
  /** May lie outside the axis: then nothing is written. */
  readonly position: Tensor;
  /** Of the type of the target. */
  readonly value: Tensor;
}

/** The new value of `input` as a write at a position, or undefined if it is something else. */
export function asPositionWrite(input: Tensor, next: Tensor): PositionWrite | undefined {
  if (next.op !== "select" || next.inputs[2] !== input) return undefined;
  const [condition, value] = next.inputs;
  if (condition.op !== "eq") return undefined;
  for (const [at, position] of [condition.inputs, [...condition.inputs].reverse()]) {
    if (at.operation.op !== "index") continue;
    const { axis } = at.operation;
    if (input.has(axis) && !position.has(axis) && !value.has(axis))
      return { axis, position, value };
  }
  return undefined;
}
