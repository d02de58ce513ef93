import { cast, type Tensor } from "../../tensor/index.ts";

/** A place on a trajectory: tensors in the order of the coordinates. */
export interface Phase {
  /** Where it is. */
  readonly position: readonly Tensor[];
  /** Its momentum, as the position. */
  readonly momentum: readonly Tensor[];
  /** The derivative of the log density at `position`. */
  readonly slope: readonly Tensor[];
}

/**
 * `steps` leapfrog steps of Hamiltonian dynamics with unit mass (Neal 2011, section 2.3), as an expression.
 *
 * @param slopeAt the derivative of the log density
 */
export function leapfrog(
  start: Phase,
  stepSize: Tensor | number,
  steps: number,
  slopeAt: (position: readonly Tensor[]) => readonly Tensor[],
): Phase {
  const sizeOf = ({ dtype }: Tensor) =>
    typeof stepSize === "number" ? stepSize : cast(stepSize, dtype);
  const kick = (momentum: readonly Tensor[], slope: readonly Tensor[], part: number) =>
    momentum.map((m, i) => m.add(slope[i].mul(part).mul(sizeOf(m))));
  let { position, slope } = start;
  let momentum = kick(start.momentum, slope, 0.5);
  for (let step = 1; step <= steps; step++) {
    position = position.map((x, i) => x.add(momentum[i].mul(sizeOf(x))));
    slope = slopeAt(position);
    momentum = kick(momentum, slope, step < steps ? 1 : 0.5);
  }
  return { position, momentum, slope };
}
