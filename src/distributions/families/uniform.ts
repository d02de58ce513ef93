import {
  and,
  log,
  maximum,
  minimum,
  type Operand,
  SurmiseError,
  select,
  square,
  uniform as unitUniform,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { CLOSED_UNIT, REAL } from "../support/support.ts";

/** Infinite where q reaches beyond the ends of p. */
const divergence: ClosedForm = of((q, p) => {
  const inside = and(p.low.le(q.low), q.high.le(p.high));
  const ratio = log(p.high.sub(p.low).div(q.high.sub(q.low)));
  return select(inside, ratio, Number.POSITIVE_INFINITY);
});

/**
 * The uniform distribution from `low` to `high`: p(x) = 1 / (high - low) there.
 *
 * @throws SurmiseError if a known end is not finite, or `low` is not below `high`.
 *
 * @example sample("share", uniform(0, 1))
 */
export function uniform(low: Operand, high: Operand): Distribution {
  const given = parametersOf("uniform", { low, high }, { low: REAL, high: REAL });
  if (typeof low === "number" && typeof high === "number" && !(low < high)) {
    throw new SurmiseError(`uniform: low must be less than high, not ${low} and ${high}`);
  }
  const { low: a, high: b } = given.parameters;
  const width = b.sub(a);
  return distribution({
    divergence: { form: divergence },
    name: "uniform",
    ...given,
    support: low === 0 && high === 1 ? CLOSED_UNIT : { kind: "interval", low: a, high: b },
    reparameterised: true,
    logProb: () => log(width).neg(),
    sample: (key, axes) => a.add(width.mul(unitUniform(key, axes, a.dtype))),
    mean: () => a.add(b).mul(0.5),
    variance: () => square(width).mul(1 / 12),
    cdf: (x) => maximum(minimum(x.sub(a).div(width), 1), 0),
    logCdf: (x) => log(x.sub(a).div(width)),
    logSurvival: (x) => log(b.sub(x).div(width)),
    entropy: () => log(width),
  });
}
