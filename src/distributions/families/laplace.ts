import {
  abs,
  exp,
  expm1,
  log,
  log1p,
  type Operand,
  select,
  square,
  type Tensor,
  uniform,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { POSITIVE, REAL } from "../support/support.ts";

/** log(sp/sq) + (d + sq exp(-d / sq)) / sp - 1, with the distance d of the locations. */
const divergence: ClosedForm = of((q, p) => {
  const distance = abs(q.location.sub(p.location));
  const spread = distance.add(q.scale.mul(exp(distance.div(q.scale).neg())));
  return spread
    .div(p.scale)
    .sub(log(q.scale.div(p.scale)))
    .sub(1);
});

/**
 * The Laplace (double exponential) distribution:
 *
 *     log p(x) = -|x - location| / scale - log(2 scale).
 *
 * @throws SurmiseError if a known `location` is not finite or a known `scale` is not positive.
 *
 * @example sample("weight", laplace(0, 0.1))
 */
export function laplace(location: Operand, scale: Operand): Distribution {
  const given = parametersOf("laplace", { location, scale }, { location: REAL, scale: POSITIVE });
  const { location: m, scale: s } = given.parameters;
  return distribution({
    divergence: { form: divergence },
    name: "laplace",
    ...given,
    support: REAL,
    reparameterised: true,
    locationScale: () => ({ location: m, scale: s }),
    logProb: (x) => abs(x.sub(m)).div(s).add(log(s)).neg().sub(Math.LN2),
    sample: (key, axes) => {
      const v = uniform(key, axes, m.dtype).sub(0.5);
      const size = log(abs(v).neg().add(0.5).mul(2)).neg();
      return m.add(s.mul(select(v.lt(0), size.neg(), size)));
    },
    mean: () => m,
    variance: () => square(s).mul(2),
    cdf: (x) => {
      const z = x.sub(m).div(s);
      const isLower = z.lt(0);
      const lower = exp(select(isLower, z, 0)).mul(0.5);
      const upper = expm1(select(isLower, 0, z.neg()))
        .mul(-0.5)
        .add(0.5);
      return select(isLower, lower, upper);
    },
    logCdf: (x) => logLower(x.sub(m).div(s)),
    logSurvival: (x) => logLower(m.sub(x).div(s)),
    entropy: () => log(s).add(1 + Math.LN2),
  });
}

/** log P(y <= z) of a y with location 0 and scale 1. */
function logLower(z: Tensor): Tensor {
  const isLower = z.lt(0);
  const upper = log1p(exp(select(isLower, 0, z.neg())).mul(-0.5));
  return select(isLower, z.sub(Math.LN2), upper);
}
