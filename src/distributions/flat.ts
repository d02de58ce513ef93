import { constant, type DType, SurmiseError } from "../tensor/index.ts";
import { type Distribution, distribution } from "./distribution.ts";
import { axesWithin, type Support } from "./support.ts";

/**
 * The same density everywhere on a support: log p = 0. It is no probability distribution where the support
 * is not bounded, so nothing can be drawn from it; the posterior is proper if the data make it so.
 *
 * @example sample("slope", flat(REAL))
 */
export function flat(support: Support, dtype: DType = "float32"): Distribution {
  return distribution({
    name: "flat",
    parameters: {},
    constraints: {},
    dimensions: axesWithin(support),
    dtype,
    support,
    reparameterised: false,
    logProb: () => constant(0, dtype),
    sample: () => {
      throw new SurmiseError("flat: there are no draws from it; give the latent a proper prior");
    },
  });
}
