import { cast, stopGradient, substitute, type Tensor } from "../../tensor/internal.ts";
import {
  type Combination,
  type GradientEstimator,
  refuseClosed,
  refuseDiscrete,
  through,
} from "./estimator.ts";

/**
 * Doubly reparameterised (Tucker, Lawson, Gu and Maddison, ICLR 2019, equation 8): the score term that the
 * path derivative leaves out of an importance-weighted bound is reparameterised again, which multiplies the
 * derivative along the path of a particle by its normalised weight w once more,
 *
 *     sum_k w_k^2 (d log w_k / d z_k) (d z_k / d q).
 *
 * p moves by the derivative of the bound. For latents whose guide does not depend on other latents.
 */
export const doublyReparameterised: GradientEstimator = {
  name: "doublyReparameterised",
  about: "the path derivative times the weight of each particle: unbiased for weighted particles",
  source: "Tucker, Lawson, Gu and Maddison, ICLR 2019",
  unbiased: true,
  requires: (combination) =>
    refuseDiscrete(combination) ??
    refuseClosed(combination, "doublyReparameterised") ??
    refuseDependent(combination),
  draw: through,
  p: through,
  q: (logDensity, stopped) => stopped(logDensity),
  after: ({ value, latents, weightsOf }) => {
    const scaled = new Map(
      latents.map(({ name, value: z }) => [z, scaleDerivative(z, weightsOf(name))] as const),
    );
    return substitute([value], scaled)[0];
  },
};

/** `z` with its derivative times `factor`. */
function scaleDerivative(z: Tensor, factor: Tensor): Tensor {
  const fixed = stopGradient(z);
  return fixed.add(stopGradient(cast(factor, z.dtype)).mul(z.sub(fixed)));
}

function refuseDependent({ guide }: Combination): string | undefined {
  const drawn = new Set<Tensor>();
  for (const { name, value, distribution } of guide.latents) {
    const parameters = Object.values(distribution.parameters);
    if (dependsOn(parameters, drawn)) {
      return (
        `latent '${name}': its guide depends on other latents, for which gradient: ` +
        '"doublyReparameterised" has no form here: use "path" or "total", or a guide that does not'
      );
    }
    drawn.add(value);
  }
  return undefined;
}

function dependsOn(roots: readonly Tensor[], some: ReadonlySet<Tensor>): boolean {
  const seen = new Set<Tensor>();
  const stack = [...roots];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (some.has(node)) return true;
    if (seen.has(node)) continue;
    seen.add(node);
    stack.push(...node.inputs);
  }
  return false;
}
