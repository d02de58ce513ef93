/** What stands in the place of the terms of a log weight, so that its derivative is another one. */

import type { Moment } from "../../distributions/index.ts";
import type { Latent, Trace } from "../../model/index.ts";
import {
  cast,
  constant,
  stopGradient,
  substitute,
  sum,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import { stopParameters } from "./stopParameters.ts";

/** All forms. */
export const KL_FORMS = ["sampled", "entropy", "closed"] as const;

/**
 * How the terms of the latents are computed: estimators A and B of Kingma and Welling (ICLR 2014).
 * `sampled`: log p(z) - log q(z) at the draw. `entropy`: log p(z) at the draw, and the entropy of q given the
 * parents of z. `closed`: -KL(q(z) || p(z)) given the parents of z, of which the guide may draw none given z.
 */
export type KlForm = (typeof KL_FORMS)[number];

/** What stands in the place of each density, in value the same. */
export interface Terms {
  /** log p of a site. */
  p(logDensity: Tensor): Tensor;
  /** log q of a latent. */
  q(logDensity: Tensor, held: Held): Tensor;
}

/** What may be held constant in the log density of a latent under the guide. */
export interface Held {
  /** Without the derivative by the parameters of the guide, but with that by the draws. */
  guide(x: Tensor): Tensor;
  /**
   * Without the derivative by the parameters of the latent's distribution, whatever they are made of. Where the guide draws
   * all latents together, as `guide`.
   */
  distribution(x: Tensor): Tensor;
  /** With the natural derivative by the moments of the latent's distribution, T(z) - E[T(z)], in the place of any other. */
  natural(x: Tensor): Tensor;
}

/** The densities as they are. */
export const asTheyAre: Terms = { p: (x) => x, q: (x) => x };

/** What may be held constant in log q of a latent of the guide. */
export function heldFor({ distribution, value }: Latent, guide: Trace): Held {
  const draws = guide.latents.map((latent) => latent.value);
  /** Of a draw that is known by how it was made: the same, with the derivatives that are right without those by inputs. */
  const alongPath = () => {
    const path = distribution.pathLogProb?.(value);
    return path && cast(path, "float64");
  };
  const heldInGuide = (x: Tensor) => stopParameters(alongPath() ?? x, draws);
  return {
    guide: heldInGuide,
    distribution(x) {
      if (distribution.acrossPlates) return heldInGuide(x);
      const held = new Map<Tensor, Tensor>([[value, value]]);
      for (const parameter of Object.values(distribution.parameters)) {
        held.set(parameter, stopGradient(parameter));
      }
      return substitute([x], held)[0];
    },
    natural(x) {
      const { moments = [] } = distribution;
      const linear = moments.reduce<Tensor>(
        (sum, moment) => sum.add(linearIn(moment, value, x)),
        zero,
      );
      return stopGradient(x).add(linear.sub(stopGradient(linear)));
    },
  };
}

const zero = constant(0, "float64");

/** E[T] (T(z) - E[T]), its second factor held constant, over the axes of `like`. */
function linearIn({ expectation, statistic }: Moment, z: Tensor, like: Tensor): Tensor {
  const distance = statistic(stopGradient(z)).sub(expectation);
  const product = expectation.mul(stopGradient(distance));
  const own = withoutAxes(product.axes, like.axes);
  return own.length === 0 ? product : sum(product, ...own);
}
