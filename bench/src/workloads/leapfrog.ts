import type { Tensor } from "../../../src/tensor/index.ts";

/** A place on a trajectory. */
export interface Phase {
  readonly position: Tensor;
  readonly momentum: Tensor;
  /** The derivative of the log density at `position`. */
  readonly slope: Tensor;
}

/** `steps` leapfrog steps of Hamiltonian dynamics with unit mass (Neal 2011, section 2.3). */
export function leapfrog(
  start: Phase,
  stepSize: Tensor | number,
  steps: number,
  slopeAt: (position: Tensor) => Tensor,
): Phase {
  const kick = (momentum: Tensor, slope: Tensor, part: number) =>
    momentum.add(slope.mul(part).mul(stepSize));
  let { position, slope } = start;
  let momentum = kick(start.momentum, slope, 0.5);
  for (let step = 1; step <= steps; step++) {
    position = position.add(momentum.mul(stepSize));
    slope = slopeAt(position);
    momentum = kick(momentum, slope, step < steps ? 1 : 0.5);
  }
  return { position, momentum, slope };
}
