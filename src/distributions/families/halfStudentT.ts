import {
  abs,
  betaProbability,
  constant,
  exp,
  expm1,
  inFloat64,
  log,
  logRising,
  maximum,
  minimum,
  type Operand,
  select,
  square,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { NOT_NEGATIVE, POSITIVE } from "../support/support.ts";
import { logLowerT, logT, studentT } from "./studentT.ts";

/**
 * The distribution of |y|, where y is Student's t with n degrees of freedom, location 0 and the given scale: with z = x
 * / scale,
 *
 *     log p(x) = log 2 + log Gamma((n + 1) / 2) - log Gamma(n / 2) - log(n pi) / 2 - log scale
 *                - (n + 1) / 2 log(1 + z^2 / n),  x >= 0.
 *
 * Between a half Cauchy (n = 1) and a half normal. The mean exists for n > 1, the variance for n > 2 (else both are
 * infinite).
 *
 * @throws SurmiseError if a known `degrees` or `scale` is not positive.
 *
 * @example sample("spread", halfStudentT(3, 2.5))
 */
export function halfStudentT(degrees: Operand, scale: Operand): Distribution {
  const given = parametersOf(
    "halfStudentT",
    { degrees, scale },
    { degrees: POSITIVE, scale: POSITIVE },
  );
  const { degrees: n, scale: s } = given.parameters;
  const infinite = constant(Number.POSITIVE_INFINITY, n.dtype);
  const mean = () =>
    inFloat64([n, s], (n, s) => {
      const some = select(n.gt(1), n, 2);
      const half = constant(0.5, n.dtype);
      const height = exp(logRising(some.mul(0.5), half).add(log(some.div(Math.PI)).mul(0.5)));
      return select(n.gt(1), s.mul(2).mul(height).div(some.sub(1)), Number.POSITIVE_INFINITY);
    });
  return distribution({
    name: "halfStudentT",
    ...given,
    support: NOT_NEGATIVE,
    reparameterised: true,
    logProb: (x) => logT(n, x, s).add(Math.LN2),
    sample: (key, axes) => abs(studentT(n, 0, s).sample(key, axes)),
    mean,
    variance: () => {
      const some = select(n.gt(2), n, 3);
      const finite = square(s).mul(some).div(some.sub(2)).sub(square(mean()));
      return select(n.gt(2), finite, infinite);
    },
    cdf: (x) =>
      inFloat64([x, n, s], (x, n, s) => {
        const z = maximum(x, 0).div(s);
        const squares = square(minimum(z, 1));
        const total = squares.add(n);
        const half = constant(0.5, n.dtype);
        const near = betaProbability(half, n.mul(0.5), squares.div(total), n.div(total));
        const far = expm1(logLowerT(n, z.neg()).add(Math.LN2)).neg();
        return select(z.lt(1), near, far);
      }),
    logSurvival: (x) => logLowerT(n, x.div(s).neg()).add(Math.LN2),
  });
}
