import { atan, log, log1pSquare, type Operand } from "../../tensor/internal.ts";
import { type Distribution, distribution } from "../distribution.ts";
import { parametersOf } from "../parameters.ts";
import { standardCauchy } from "../samplers/cauchy.ts";
import { POSITIVE, REAL } from "../support/support.ts";

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
    name: "cauchy",
    ...given,
    support: REAL,
    reparameterised: true,
    logProb: (x) => log1pSquare(x.sub(m).div(s)).add(log(s)).add(Math.log(Math.PI)).neg(),
    sample: (key, axes) => m.add(s.mul(standardCauchy(key, axes, m.dtype))),
    cdf: (x) =>
      atan(x.sub(m).div(s))
        .mul(1 / Math.PI)
        .add(0.5),
    entropy: () => log(s).add(Math.log(4 * Math.PI)),
  });
}
