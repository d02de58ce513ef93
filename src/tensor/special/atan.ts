import { checkArguments, TENSOR } from "../arguments/kinds.ts";
import { select, sqrt, square } from "../math.ts";
import type { Tensor } from "../tensor.ts";
import { distance } from "./distance.ts";
import { polynomial } from "./polynomial.ts";

/**
 * atan(x) / x in powers of x^2 for |x| <= tan(pi / 8): a Chebyshev expansion, good to 2e-16
 * (test/tensor/reference/coefficients.py).
 */
const SERIES = [
  1, -0.3333333333332858, 0.19999999998882076, -0.14285714182978565, 0.11111106255995819,
  -0.09090774712795827, 0.07689975128569665, -0.06640410811535268, 0.056892235017660546,
  -0.043504452574300106, 0.021163217481242648,
];

/**
 * The angle between -pi/2 and pi/2 with tangent x. Angles above pi/4 are taken from the other side
 * and then halved: tan(a / 2) = t / (1 + sqrt(1 + t^2)).
 */
export function atan(x: Tensor): Tensor {
  checkArguments("atan", { x }, TENSOR);
  // By choices, not by |x|, min and max: their derivatives are those of both sides at 0, and at 1.
  const size = distance(x);
  const isFar = size.gt(1);
  const t = select(isFar, 1, size).div(select(isFar, size, 1));
  const half = t.div(sqrt(square(t).add(1)).add(1));
  const angle = half.mul(polynomial(square(half), SERIES)).mul(2);
  const whole = select(isFar, angle.neg().add(Math.PI / 2), angle);
  return select(x.lt(0), whole.neg(), whole);
}
