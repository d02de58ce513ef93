import {
  atan,
  constant,
  log,
  log1pSquare,
  type Operand,
  select,
  square,
  type Tensor,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
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
    logProb: (x) => log1pSquare(x.sub(m), s).neg().sub(log(s)).sub(Math.log(Math.PI)),
    sample: (key, axes) => m.add(s.mul(standardCauchy(key, axes, m.dtype))),
    cdf: (x) => upperTail(m.sub(x).div(s)),
    logSurvival: (x) => log(upperTail(x.sub(m).div(s))),
    entropy: () => log(s).add(Math.log(4 * Math.PI)),
  });
}

/** P(z > value) of a standard Cauchy z, without cancellation in the tail: atan(1 / value) / pi. */
function upperTail(value: Tensor): Tensor {
  const far = value.gt(1);
  const tail = atan(constant(1, value.dtype).div(select(far, value, 1)));
  const near = atan(select(far, 0, value))
    .neg()
    .add(Math.PI / 2);
  return select(far, tail, near).mul(1 / Math.PI);
}
