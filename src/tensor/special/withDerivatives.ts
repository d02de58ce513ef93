import { stopGradient } from "../math.ts";
import { nodesOf, type Tensor } from "../tensor.ts";

/**
 * `y` with given derivatives (a custom JVP): dy/dx = slope for each pair [x, slope], and
 * none through anything else. It is y + sum of slope (x - x), where only the first x of each pair
 * is open to `grad`. Derivatives of second order through `y` are zero.
 *
 * @example an implicit derivative: withDerivatives(draw, [[shape, minus dF/dshape over density]])
 */
export function withDerivatives(
  y: Tensor,
  slopes: readonly (readonly [x: Tensor, slope: Tensor])[],
): Tensor {
  return slopes
    .filter(([x]) => !isConstant(x))
    .reduce(
      (sum, [x, slope]) => sum.add(stopGradient(slope).mul(x.sub(stopGradient(x)))),
      stopGradient(y),
    );
}

/** Whether `x` is made of plain numbers alone. */
function isConstant(x: Tensor): boolean {
  return nodesOf([x]).every((node) => node.op === "constant" || node.inputs.length > 0);
}
