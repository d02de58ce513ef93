/** What ends a run where values or parameters lie outside their sets. */

import {
  constant,
  type DType,
  isFloat,
  max,
  select,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { isCertain } from "../support/knownValues.ts";
import type { Support } from "../support/support.ts";
import { isOutside } from "../support/supportRules.ts";

/** 1 where `x` lies outside; undefined where it is known not to. */
export function maybeOutside(support: Support, x: Tensor): Tensor | undefined {
  return isCertain(support, x) ? undefined : isOutside(support, x);
}

/** 0, and `otherwise` where `outside` is 1; undefined where it never is. */
export function barrier(
  outside: Tensor | undefined,
  dtype: DType,
  otherwise: number,
): Tensor | undefined {
  return outside && select(outside, constant(otherwise, dtype), constant(0, dtype));
}

/**
 * 0, and NaN where a parameter lies outside its set, as many formulas give a number there too: added to a density,
 * it ends a run, and what is to blame is looked for. Axes: those of the parameters, without dimensions and without
 * those along which parameters of one draw lie. Undefined where all parameters are known to lie in their sets.
 */
export function parameterBarrier(of: Distribution): Tensor | undefined {
  const { parameters, constraints, axes, eventAxes, dimensions, dtype } = of;
  const kept = withoutAxes([...axes, ...eventAxes], dimensions);
  const type = isFloat(dtype) ? dtype : Object.values(parameters)[0].dtype;
  return Object.entries(parameters)
    .filter(([name]) => constraints[name] !== undefined && constraints[name].kind !== "real")
    .map(([name, x]) => {
      const outside = maybeOutside(constraints[name], x);
      const own = outside === undefined ? [] : withoutAxes(outside.axes, kept);
      const any = own.length === 0 ? outside : outside && max(select(outside, 1, 0), ...own).gt(0);
      return barrier(any, type, Number.NaN);
    })
    .reduce(
      (sum, x) => (sum === undefined || x === undefined ? (sum ?? x) : sum.add(x)),
      undefined,
    );
}
