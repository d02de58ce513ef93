import { constant, type DType, SurmiseError, square, type Tensor } from "../tensor/index.ts";
import { type Distribution, distribution } from "./distribution.ts";
import { axesWithin, type Support } from "./support/support.ts";

/** The mean and the standard deviation of values that are not strange. */
export interface Typical {
  readonly mean: Tensor;
  readonly sd: Tensor;
}

/**
 * The same density everywhere on a support: log p = 0. It is no probability distribution where the support
 * is not bounded, so nothing can be drawn from it; the posterior is proper if the data make it so.
 * It has the mean and variance of `typical` values, if these are given: where a search may begin.
 *
 * @example sample("slope", flat(REAL))
 */
export function flat(support: Support, dtype: DType = "float32", typical?: Typical): Distribution {
  return distribution({
    name: "flat",
    parameters: {},
    constraints: {},
    dimensions: axesWithin(support),
    dtype,
    support,
    reparameterised: false,
    logProb: () => constant(0, dtype),
    ...(typical && { mean: () => typical.mean, variance: () => square(typical.sd) }),
    sample: () => {
      throw new SurmiseError("flat: there are no draws from it; give the latent a proper prior");
    },
  });
}
