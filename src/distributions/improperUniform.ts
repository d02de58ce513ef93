import {
  checkArguments,
  constant,
  DTYPE,
  type DType,
  objectWith,
  optional,
  SurmiseError,
  square,
  TENSOR,
  type Tensor,
} from "../tensor/internal.ts";
import type { Distribution } from "./distribution.ts";
import { distribution } from "./family/family.ts";
import { axesWithin, SUPPORT, type Support } from "./support/support.ts";

/** The mean and the standard deviation of typical values: where a search may begin. */
export interface MomentsHint {
  /** The centre of typical values, over axes of the site. */
  readonly mean: Tensor;
  /** Their standard deviation, positive, over axes of the site. */
  readonly sd: Tensor;
}

/**
 * The same density everywhere on a support: log p = 0. It is no probability distribution where the support
 * is not bounded, so nothing can be drawn from it; the posterior is proper if the data make it so.
 * It has the mean and variance of `momentsHint`, if given: where a search may begin.
 *
 * @throws SurmiseError where it is drawn from.
 *
 * @example sample("slope", improperUniform(REAL))
 */
export function improperUniform(
  support: Support,
  dtype: DType = "float32",
  momentsHint?: MomentsHint,
): Distribution {
  checkArguments("improperUniform", { support }, SUPPORT);
  checkArguments("improperUniform", { dtype }, DTYPE);
  checkArguments(
    "improperUniform",
    { momentsHint },
    optional(objectWith({ mean: TENSOR, sd: TENSOR })),
  );
  return distribution({
    name: "improperUniform",
    improper: true,
    parameters: {},
    constraints: {},
    dimensions: axesWithin(support),
    dtype,
    support,
    reparameterised: false,
    logProb: () => constant(0, dtype),
    ...(momentsHint && { mean: () => momentsHint.mean, variance: () => square(momentsHint.sd) }),
    sample: () => {
      throw new SurmiseError(
        "improperUniform: there are no draws from it; give the latent a proper prior",
      );
    },
  });
}
