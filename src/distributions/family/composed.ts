import { type Tensor, unionAxes } from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import type { Support } from "../support/support.ts";

/**
 * The parameters of a distribution, and further ones of what is made of it, with the sets that they must lie in if they are
 * known; draws have the axes of both.
 */
export function composedOf(
  { parameters, constraints, axes }: Distribution,
  further: Readonly<Record<string, Tensor>>,
  sets: Readonly<Record<string, Support>> = {},
) {
  return {
    composed: true,
    parameters: { ...parameters, ...further },
    constraints: { ...constraints, ...sets },
    axes: unionAxes(axes, ...Object.values(further).map((x) => x.axes)),
  };
}
