import {
  expm1,
  expm1Quotient,
  inFloat64,
  log,
  log1mExp,
  log1p,
  maximum,
  minimum,
  type Operand,
  type Tensor,
  uniform,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { NOT_NEGATIVE, POSITIVE } from "../support/support.ts";

/** Its exponential is infinite in any type. */
const FAR = 1e6;

/**
 * The Gompertz distribution of life times, whose hazard b exp(a x) grows with age from b = `rate` at a rate of a =
 * `shape`:
 *
 *     log p(x) = log b + a x - (b / a) (exp(a x) - 1),   P(X > x) = exp(-(b / a) (exp(a x) - 1)),  x >= 0.
 *
 * @throws SurmiseError if a known `shape` or `rate` is not positive.
 *
 * @example observe("age", censored(gompertz(0.1, 0.001), { right: alive }), age)
 */
export function gompertz(shape: Operand, rate: Operand): Distribution {
  const given = parametersOf("gompertz", { shape, rate }, { shape: POSITIVE, rate: POSITIVE });
  const { shape: a, rate: b } = given.parameters;
  /** a x, so far that the hazard is infinite but a x is not. */
  const aged = (x: Tensor) => minimum(a.mul(x), FAR);
  /** The hazard from 0 to x, of which a small rate and a large growth are factors. */
  const hazard = (x: Tensor) =>
    inFloat64([x, a, b], (x, a, b) => b.mul(x).mul(expm1Quotient(minimum(a.mul(x), FAR))));
  return distribution({
    name: "gompertz",
    ...given,
    support: NOT_NEGATIVE,
    reparameterised: true,
    logProb: (x) => log(b).add(aged(x)).sub(hazard(x)),
    sample: (key, axes) => {
      const drawn = log(uniform(key, axes, a.dtype)).neg();
      return log1p(drawn.mul(a).div(b)).div(a);
    },
    cdf: (x) => expm1(hazard(maximum(x, 0)).neg()).neg(),
    logCdf: (x) => log1mExp(hazard(x)),
    logSurvival: (x) => hazard(x).neg(),
  });
}
