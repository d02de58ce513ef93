import {
  type Axis,
  cast,
  constant,
  index,
  type Operand,
  select,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { REAL } from "../support/support.ts";

/**
 * The distribution of a value that is known: log p(x) is 0 at `value` and -Infinity elsewhere. As
 * the guide of a latent it makes the bound the log joint density at that point (MAP estimation).
 *
 * @throws SurmiseError if a known `value` is not finite.
 *
 * @example sample("slope", delta(param("slope", [], { init: zeros })))
 */
export function delta(value: Operand): Distribution {
  const given = parametersOf("delta", { value }, { value: REAL });
  const { value: v } = given.parameters;
  return distribution({
    name: "delta",
    ...given,
    support: { kind: "point" },
    reparameterised: true,
    logProb: (x) => select(x.eq(v), constant(0, v.dtype), Number.NEGATIVE_INFINITY),
    sample: (_, axes) => spread(v, axes),
    mean: () => v,
    variance: () => v.mul(0),
    cdf: (x) => cast(v.le(x), v.dtype),
  });
}

/** `x` at each element over `axes`. */
function spread(x: Tensor, axes: readonly Axis[]): Tensor {
  return withoutAxes(axes, x.axes).reduce((y, a) => select(index(a).ge(0), y, y), x);
}
