import { nodesOf, stopGradient, substitute, type Tensor } from "../../tensor/internal.ts";

/** `x` with all that it is made of held constant, parameters above all, but not the `draws`. */
export function stopParameters(x: Tensor, draws: readonly Tensor[]): Tensor {
  const others = new Map(draws.map((draw) => [draw, draw]));
  for (const node of nodesOf([x])) {
    if (node.op === "input") others.set(node, stopGradient(node));
  }
  return substitute([x], others)[0];
}
