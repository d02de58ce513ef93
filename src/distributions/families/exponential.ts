import {
  constant,
  expm1,
  log,
  log1mExp,
  maximum,
  type Operand,
  square,
  uniform,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { NOT_NEGATIVE, POSITIVE } from "../support/support.ts";
import { gammaDivergence } from "./gamma.ts";

/**
 * The exponential distribution of waiting times, of mean 1 / rate:
 *
 *     log p(x) = log rate - rate x,  x >= 0.
 *
 * @throws SurmiseError if a known `rate` is not positive.
 *
 * @example observe("wait", exponential(rate), waits)
 */
export function exponential(rate: Operand): Distribution {
  const given = parametersOf("exponential", { rate }, { rate: POSITIVE });
  const { rate: r } = given.parameters;
  return distribution({
    divergence: { form: gammaDivergence, parameters: { shape: constant(1, r.dtype), rate: r } },
    name: "exponential",
    ...given,
    exponentialFamily: "gamma",
    support: NOT_NEGATIVE,
    reparameterised: true,
    logProb: (x) => log(r).sub(r.mul(x)),
    sample: (key, axes) =>
      log(uniform(key, axes, r.dtype))
        .neg()
        .div(r),
    mean: () => constant(1, r.dtype).div(r),
    variance: () => constant(1, r.dtype).div(square(r)),
    cdf: (x) => expm1(r.mul(maximum(x, 0)).neg()).neg(),
    logCdf: (x) => log1mExp(r.mul(x)),
    logSurvival: (x) => r.mul(x).neg(),
    entropy: () => log(r).neg().add(1),
  });
}
