import { stopGradient } from "../math.ts";
import { apply, nodesOf, type Tensor } from "../tensor.ts";

/**
 * The values of `values`, with the derivative of `derivative`, whose axes are among theirs. What only the latter's own values
 * need is not computed.
 *
 * @throws SurmiseError if the derivative has an axis that the values lack.
 */
export const straightThrough = (values: Tensor, derivative: Tensor) =>
  apply("straightThrough", values, derivative);

/**
 * `y` with given derivatives (a custom JVP): dy/dx = slope for each pair [x, slope], and
 * none through anything else. Derivatives of second order through `y` are zero.
 *
 * @example an implicit derivative: withDerivatives(draw, [[shape, minus dF/dshape over density]])
 */
export function withDerivatives(
  y: Tensor,
  slopes: readonly (readonly [x: Tensor, slope: Tensor])[],
): Tensor {
  const terms = slopes
    .filter(([x]) => !isConstant(x))
    .map(([x, slope]) => stopGradient(slope).mul(x));
  if (terms.length === 0) return stopGradient(y);
  return straightThrough(
    y,
    terms.reduce((a, b) => a.add(b)),
  );
}

/** Whether `x` is made of plain numbers alone. */
function isConstant(x: Tensor): boolean {
  return nodesOf([x]).every((node) => node.op === "constant" || node.inputs.length > 0);
}
