import { atan, log, log1pSquare, type Operand, square } from "../../tensor/internal.ts";
import { type ClosedForm, type Distribution, distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { parametersOf } from "../parameters.ts";
import { standardCauchy } from "../samplers/cauchy.ts";
import { POSITIVE, REAL } from "../support/support.ts";

/** Chyzak and Nielsen (2019): log of ((sq + sp)^2 + (mq - mp)^2) / (4 sq sp). */
const divergence: ClosedForm = of((q, p) => {
  const shift = square(q.location.sub(p.location));
  const spread = square(q.scale.add(p.scale));
  return log(spread.add(shift).div(q.scale.mul(p.scale).mul(4)));
});

/**
 * The Cauchy distribution, of Student's family with one degree of freedom, with neither mean nor
 * variance:
 *
 *     log p(x) = -log(1 + ((x - location) / scale)^2) - log scale - log pi.
 *
 * @throws SurmiseError if a known `location` is not finite or a known `scale` is not positive.
 *
 * @example sample("effect", cauchy(0, 2.5))
 */
export function cauchy(location: Operand, scale: Operand): Distribution {
  const given = parametersOf("cauchy", { location, scale }, { location: REAL, scale: POSITIVE });
  const { location: m, scale: s } = given.parameters;
  return distribution({
    divergence: { form: divergence },
    name: "cauchy",
    ...given,
    support: REAL,
    reparameterised: true,
    locationScale: () => ({ location: m, scale: s }),
    logProb: (x) => log1pSquare(x.sub(m).div(s)).add(log(s)).add(Math.log(Math.PI)).neg(),
    sample: (key, axes) => m.add(s.mul(standardCauchy(key, axes, m.dtype))),
    cdf: (x) =>
      atan(x.sub(m).div(s))
        .mul(1 / Math.PI)
        .add(0.5),
    entropy: () => log(s).add(Math.log(4 * Math.PI)),
  });
}
