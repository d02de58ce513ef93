import {
  fold,
  inFloat64,
  logBeta,
  logChoose,
  type Operand,
  square,
} from "../../tensor/internal.ts";
import { type Distribution, distribution } from "../distribution.ts";
import { parametersOf } from "../parameters.ts";
import { binomialDraw } from "../samplers/counts.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { COUNT, POSITIVE } from "../support/support.ts";

/**
 * The number of successes in `total` trials whose probability is itself beta with a = alpha and b =
 * beta:
 *
 *     log p(x) = log(n over x) + log B(x + a, n - x + b) - log B(a, b),  x = 0, ..., n.
 *
 * @throws SurmiseError if a known `total` is not a whole number of at least 0, or `alpha` or `beta`
 * is not positive.
 *
 * @example observe("hits", betaBinomial(shots, 2, 3), hits)
 */
export function betaBinomial(total: Operand, alpha: Operand, beta: Operand): Distribution {
  const given = parametersOf(
    "betaBinomial",
    { total, alpha, beta },
    { total: COUNT, alpha: POSITIVE, beta: POSITIVE },
  );
  const { total: n, alpha: a, beta: b } = given.parameters;
  return distribution({
    name: "betaBinomial",
    ...given,
    support: { kind: "count", most: n },
    reparameterised: false,
    logProb: (x) =>
      inFloat64([x, n, a, b], (x, n, a, b) =>
        logChoose(n, x)
          .add(logBeta(x.add(a), n.sub(x).add(b)))
          .sub(logBeta(a, b)),
      ),
    sample: (key, axes) => {
      const one = standardGamma(fold(key, "alpha"), axes, a).logDraw;
      const other = standardGamma(fold(key, "beta"), axes, b).logDraw;
      return binomialDraw(fold(key, "trials"), axes, n, one.sub(other));
    },
    mean: () => n.mul(a.div(a.add(b))),
    variance: () => {
      const whole = a.add(b);
      return n
        .mul(a.mul(b))
        .mul(whole.add(n))
        .div(square(whole).mul(whole.add(1)));
    },
  });
}
