import {
  cast,
  stopGradient,
  straightThrough,
  substitute,
  type Tensor,
} from "../../tensor/internal.ts";
import { stopParameters } from "../logWeight/stopParameters.ts";
import {
  dependentLatent,
  type Need,
  onOneAxis,
  reparameterised,
  sampledKl,
  unchained,
} from "../requirements/combination.ts";
import { type Estimate, type GradientEstimator, through } from "./estimator.ts";

/** The importance-weighted bound. */
const unpowered: Need = ({ alpha = 0 }, who) => {
  if (alpha === 0) return undefined;
  return `gradient: "${who}" is for alpha 0, the importance-weighted bound: use "total" with alpha ${alpha}`;
};

/** Chains only where no latent depends on those before it. */
const unchainedIfDependent: Need = (combination, who, others) =>
  dependentLatent(combination) && unchained(combination, who, others);

/**
 * Doubly reparameterised (Tucker, Lawson, Gu and Maddison, ICLR 2019, equation 8): the score term that the
 * path derivative leaves out of an importance-weighted bound is reparameterised again, which multiplies the
 * derivative along the path of a particle by its normalised weight w once more,
 *
 *     sum_k w_k^2 sum_l (D log w_k / D z_kl) (d z_kl / d q).
 *
 * For latents that condition on latents it is generalised (Bauer and Mnih, ICML 2021): D is the total derivative,
 * through the latents drawn after z_l and through the log q of these, and d z_l / d q is that by the guide's
 * parameters for given latents before, so that the weight comes in once on any path. p moves by the derivative
 * of the bound.
 */
export const doublyReparameterised: GradientEstimator = {
  name: "doublyReparameterised",
  about: "the path derivative times the weight of each particle: unbiased for weighted particles",
  source: "Tucker, Lawson, Gu and Maddison, ICLR 2019; generalised: Bauer and Mnih, ICML 2021",
  unbiased: true,
  requires: [
    reparameterised,
    sampledKl,
    unpowered,
    onOneAxis('"path" or "total"'),
    unchainedIfDependent,
  ],
  draw: through,
  p: through,
  q: (logDensity, held) => held.guide(logDensity),
  after: (estimate) => ({ value: substitute([estimate.value], reparameterisedAgain(estimate))[0] }),
};

/** In the place of each draw: its derivative by the parameters of the guide times the weight of its particle. */
function reparameterisedAgain({ latents, weightsOf }: Estimate): Map<Tensor, Tensor> {
  const again = new Map<Tensor, Tensor>();
  for (const { name, value: z } of latents) {
    const before = [...again.keys()];
    const given = new Map(before.map((x) => [x, stopGradient(x)]));
    const [byParameters] = substitute([z], given);
    const byLatents = substitute([stopParameters(z, before)], again)[0];
    const weight = stopGradient(cast(weightsOf(name), z.dtype));
    again.set(z, straightThrough(z, byLatents.add(weight.mul(byParameters))));
  }
  return again;
}
