/** Distributions of values in a set, made from distributions of free numbers. */

import { withoutAxes } from "../tensor/index.ts";
import { bijectionTo } from "./bijections/index.ts";
import { type Distribution, distribution, sumAlong } from "./distribution.ts";
import { axesWithin, type Support } from "./support/support.ts";

/**
 * The distribution of z = forward(u), where u ~ `free` and forward leads from the real line to
 * `support` (`bijectionTo`):
 *
 *     log p(z) = log p_free(u) - log |d forward / d u|,   u = inverse(z).
 *
 * Along the axis of a simplex or of ordered values, `free` has the axis of the free numbers; its other
 * dimensions are dimensions of z.
 *
 * @throws SurmiseError if the support is discrete.
 *
 * @example transformed(normal(m, s), { kind: "positive", closed: false }) // lognormal(m, s)
 */
export function transformed(free: Distribution, support: Support): Distribution {
  if (support.kind === "real") return free;
  const map = bijectionTo(support);
  const whole = axesWithin(support);
  const draw = free.event(...map.freeAxes(whole));
  const each = withoutAxes(free.dimensions, map.freeAxes(whole));
  return distribution({
    name: `transformed ${free.name}`,
    parameters: free.parameters,
    constraints: free.constraints,
    axes: draw.axes,
    dimensions: [...whole, ...each],
    dtype: free.dtype,
    support,
    reparameterised: free.reparameterised,
    logProb: (z) => {
      const u = map.inverse(z);
      return draw.logProb(u).sub(sumAlong(map.logJacobian(u), each));
    },
    sample: (key, axes) => map.forward(draw.sample(key, map.freeAxes(axes))),
  });
}
