import {
  constant,
  exp,
  expm1,
  log,
  log1mExp,
  logQuotient,
  maximum,
  type Operand,
  select,
  square,
  uniform,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { keepFinite } from "../samplers/range.ts";
import { POSITIVE } from "../support/support.ts";

/** Infinite where q reaches below the smallest value of p. */
const divergence: ClosedForm = of((q, p) => {
  const ratio = p.shape.div(q.shape);
  const above = p.shape.mul(log(q.scale.div(p.scale)));
  const inside = ratio.sub(1).sub(log(ratio)).add(above);
  return select(q.scale.ge(p.scale), inside, Number.POSITIVE_INFINITY);
});

/**
 * The Pareto distribution of shape a above the smallest value `scale`:
 *
 *     log p(x) = log a + a log scale - (a + 1) log x,  x >= scale.
 *
 * The mean is finite for a > 1, the variance for a > 2.
 *
 * @throws SurmiseError if a known `shape` or `scale` is not positive.
 *
 * @example observe("wealth", pareto(1.5, 1), wealth)
 */
export function pareto(shape: Operand, scale: Operand): Distribution {
  const given = parametersOf("pareto", { shape, scale }, { shape: POSITIVE, scale: POSITIVE });
  const { shape: a, scale: s } = given.parameters;
  const beyond = (n: number) => select(a.gt(n), a.sub(n), constant(0, a.dtype));
  return distribution({
    divergence: { form: divergence },
    name: "pareto",
    ...given,
    support: { kind: "above", low: s },
    reparameterised: true,
    logProb: (x) =>
      log(a)
        .sub(log(x))
        .sub(a.mul(logQuotient(x, s))),
    sample: (key, axes) => {
      const hazard = log(uniform(key, axes, s.dtype)).neg();
      return keepFinite(s.mul(exp(hazard.div(a))));
    },
    mean: () => s.mul(a.div(beyond(1))),
    variance: () =>
      square(s.div(beyond(1)))
        .mul(a)
        .div(beyond(2)),
    cdf: (x) => expm1(logQuotient(maximum(x, s), s).mul(a).neg()).neg(),
    logCdf: (x) => log1mExp(logQuotient(x, s).mul(a)),
    logSurvival: (x) => logQuotient(x, s).mul(a).neg(),
    entropy: () => log(s.div(a)).add(constant(1, a.dtype).div(a)).add(1),
  });
}
