import {
  abs,
  atan,
  log,
  log1pSquare,
  maximum,
  type Operand,
  square,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { standardCauchy } from "../samplers/cauchy.ts";
import { NOT_NEGATIVE, POSITIVE } from "../support/support.ts";

/** The divergence of one member from another. */
const divergence: ClosedForm = of((q, p) =>
  log(square(q.scale.add(p.scale)).div(q.scale.mul(p.scale).mul(4))),
);

/**
 * The distribution of |y|, where y is Cauchy with location 0 and the given scale; it has neither
 * mean nor variance:
 *
 *     log p(x) = log(2 / pi) - log scale - log(1 + (x / scale)^2),  x >= 0.
 *
 * @throws SurmiseError if a known `scale` is not positive.
 *
 * @example sample("spread", halfCauchy(5))
 */
export function halfCauchy(scale: Operand): Distribution {
  const given = parametersOf("halfCauchy", { scale }, { scale: POSITIVE });
  const { scale: s } = given.parameters;
  return distribution({
    divergence: { form: divergence },
    name: "halfCauchy",
    ...given,
    support: NOT_NEGATIVE,
    reparameterised: true,
    locationScale: () => ({ location: log(s) }),
    logProb: (x) =>
      log1pSquare(x, s)
        .neg()
        .sub(log(s))
        .add(Math.log(2 / Math.PI)),
    sample: (key, axes) => s.mul(abs(standardCauchy(key, axes, s.dtype))),
    cdf: (x) => atan(maximum(x, 0).div(s)).mul(2 / Math.PI),
    logSurvival: (x) => log(atan(s.div(x))).add(Math.log(2 / Math.PI)),
    entropy: () => log(s).add(Math.log(2 * Math.PI)),
  });
}
