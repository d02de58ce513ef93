import { categorical } from "../distributions/index.ts";
import { type Axis, fold, gather, type Key, type Tensor } from "../tensor/index.ts";
import type { Step } from "./eliminate.ts";

/**
 * Joint draws of particles from all combinations, by their weights: for each axis that was eliminated,
 * the int32 position along it, over `to` and the plates of its step.
 *
 * The factors that a step has summed up are the log weights of its particles given those on the axes that
 * are eliminated after it. So the steps are taken backwards, and each particle is drawn from its
 * conditional weights at the particles drawn before: ancestral sampling.
 */
export function drawCombinations(
  steps: readonly Step[],
  to: Axis,
  key: Key,
): ReadonlyMap<Axis, Tensor> {
  const drawn = new Map<Axis, Tensor>();
  for (const { axis, values, plates, factors } of [...steps].reverse()) {
    const logits = factors.map((factor) => at(factor, drawn)).reduce((a, b) => a.add(b));
    const over = [to, ...plates.map((plate) => plate.axis)];
    const conditional = categorical({ logits }, axis);
    drawn.set(axis, conditional.sample(fold(fold(key, "draws"), axis.name), over));
    if (values !== undefined) drawn.set(values.axis, at(values.at, drawn));
  }
  return drawn;
}

/** `x` at the drawn particles; along axes of which none has been drawn it stays as it is. */
export function at(x: Tensor, drawn: ReadonlyMap<Axis, Tensor>): Tensor {
  return [...drawn].reduce((y, [a, position]) => (y.has(a) ? gather(y, a, position) : y), x);
}
