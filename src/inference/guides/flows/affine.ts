/** Location and scale of each number. */
import { zeros } from "../../../nn/index.ts";
import { exp, sum } from "../../../tensor/internal.ts";
import type { LayerFamily } from "./layer.ts";

/** y = m + exp(s) x, elementwise; the identity at the start. */
export const elementwiseAffine: LayerFamily = ({ number, param }) => {
  const mean = param("mean", [number], zeros);
  const logScale = param("logScale", [number], zeros);
  const scale = exp(logScale);
  return {
    forward: (x) => ({ value: x.mul(scale).add(mean), logDeterminant: sum(logScale, number) }),
    inverse: (y) => y.sub(mean).div(scale),
    transposedInverse: (v) => v.div(scale),
  };
};
