import {
  type Axis,
  and,
  constant,
  exp,
  fold,
  gammaQuantileSlope,
  type Key,
  log,
  log1p,
  select,
  sqrt,
  square,
  standardNormal,
  stopGradient,
  type Tensor,
  uniform,
  unionAxes,
  withDerivatives,
} from "../../tensor/internal.ts";
import { keepPositive } from "./range.ts";
import { firstAccepted } from "./tries.ts";

/** One candidate is refused with probability 0.0484 at most, seven in a row with 6.2e-10. */
const TRIES = 7;

/**
 * Draws of a gamma distribution of rate 1 and the given shape over `axes`, and their logarithms,
 * which are right also where the draw itself would be 0. By Marsaglia and Tsang, "A simple method
 * for generating gamma variables" (ACM TOMS 26, 2000): a cube d (1 + c x)^3 of a normal x, accepted
 * where
 *
 *     log u < x^2 / 2 + d (1 - v + log v),   v = (1 + c x)^3, d = shape - 1/3, c = 1 / sqrt(9 d),
 *
 * and for a shape a below 1 a draw of shape a + 1 times u^(1/a). The derivative with respect to the
 * shape is the implicit one: the draw moves as the quantile does.
 */
export function standardGamma(
  key: Key,
  axes: readonly Axis[],
  shape: Tensor,
): { readonly draw: Tensor; readonly logDraw: Tensor } {
  const a = stopGradient(shape);
  const isSmall = a.lt(1);
  const d = select(isSmall, a.add(1), a).sub(1 / 3);
  const c = constant(1, a.dtype).div(sqrt(d.mul(9)));
  const large = firstAccepted(TRIES, (tries) => {
    const each = unionAxes(axes, [tries]);
    const x = standardNormal(fold(key, "normal"), each, a.dtype);
    const y = c.mul(x);
    const root = y.add(1);
    // x^2 = 9 d y^2: in this order the terms of second order do not swallow the rest for large d.
    const bend = log1p(select(root.gt(0), y, 0))
      .sub(y)
      .mul(3);
    const bound = d.mul(bend.add(square(y).mul(y.neg().add(1.5))));
    const u = uniform(fold(key, "accept"), each, a.dtype);
    return {
      value: d.mul(square(root)).mul(root),
      accepted: and(root.gt(0), log(u).lt(bound)),
    };
  });
  const logBoost = select(isSmall, log(uniform(fold(key, "boost"), axes, a.dtype)).div(a), 0);
  const logDraw = log(large).add(logBoost);
  const draw = keepPositive(large.mul(exp(logBoost)));
  const slope = gammaQuantileSlope(a, draw, logDraw);
  return {
    draw: withDerivatives(draw, [[shape, slope.mul(draw)]]),
    logDraw: withDerivatives(logDraw, [[shape, slope]]),
  };
}
