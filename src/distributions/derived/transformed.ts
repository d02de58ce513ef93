/** Distributions of values in a set, made from distributions of unconstrained parameters. */

import { checkArguments, either, exp, type Tensor, withoutAxes } from "../../tensor/internal.ts";
import { BIJECTION, type Bijection } from "../bijections/bijection.ts";
import { bijectionTo } from "../bijections/index.ts";
import { DISTRIBUTION, type Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { sumAlong } from "../family/sums.ts";
import { guardEnds } from "../support/guards.ts";
import { axesWithin, REAL, SUPPORT, type Support } from "../support/support.ts";
import { refuseMasked } from "./masked.ts";

/**
 * The distribution of z = forward(u), where u ~ `unconstrained` and forward leads from the real line to
 * `support` (`bijectionTo`):
 *
 *     log p(z) = log p_u(u) - log |d forward / d u|,   u = inverse(z).
 *
 * A bijection of one's own may stand in the place of the support, which then is its image: with `axes` and onto the
 * real line the layer of a normalising flow, of a guide or a prior.
 *
 * Along the axis of a simplex or of ordered values, `unconstrained` has the axis of the unconstrained parameters; its other
 * event axes are event axes of z. Of single numbers in a set it has the probabilities that `unconstrained` has, so that it can be
 * censored and cut.
 *
 * @throws SurmiseError if the support is discrete.
 *
 * @example transformed(normal(m, s), { kind: "positive", closed: false }) // lognormal(m, s)
 */
export function transformed(unconstrained: Distribution, to: Support | Bijection): Distribution {
  checkArguments("transformed", { unconstrained }, DISTRIBUTION);
  checkArguments("transformed", { to }, either(SUPPORT, BIJECTION));
  refuseMasked("transformed", unconstrained);
  const isSet = "kind" in to;
  if (isSet && to.kind === "real") return unconstrained;
  const support: Support = isSet ? to : to.onto === "real" ? REAL : { kind: "image", map: to };
  const map = isSet ? bijectionTo(to) : to;
  const whole = isSet ? axesWithin(to) : (to.axes ?? []);
  const draw = unconstrained.event(...map.unconstrainedAxes(whole));
  const each = withoutAxes(unconstrained.eventAxes, map.unconstrainedAxes(whole));
  return distribution({
    name: `transformed ${unconstrained.name}`,
    composed: true,
    parameters: unconstrained.parameters,
    constraints: unconstrained.constraints,
    ...(unconstrained.improper && { improper: unconstrained.improper }),
    axes: draw.axes,
    dimensions: [...whole, ...each],
    dtype: unconstrained.dtype,
    support,
    reparameterised: unconstrained.reparameterised,
    logProb: (z) => {
      const u = map.inverse(z);
      return draw.logProb(u).sub(sumAlong(map.logJacobian(u), each));
    },
    sample: (key, axes) => map.forward(draw.sample(key, map.unconstrainedAxes(axes))),
    ...(isSet && probabilities(unconstrained, to)),
  });
}

/** The sets of numbers that the real line is mapped to in its order. */
const RISING: readonly Support["kind"][] = ["positive", "unit", "above", "interval"];

/** The probabilities of what lies below and above a value of a set of numbers: those of its unconstrained number. */
function probabilities(unconstrained: Distribution, to: Support) {
  const { inverse } = bijectionTo(to);
  const isFalling = to.kind === "below";
  if (!isFalling && !RISING.includes(to.kind)) return {};
  const below = (z: Tensor) => unconstrained.logCdf(inverse(z));
  const above = (z: Tensor) => unconstrained.logSurvival(inverse(z));
  const [logCdf, logSurvival] = isFalling ? [above, below] : [below, above];
  return {
    cdf: (z: Tensor) => guardEnds(to, z, (inside) => exp(logCdf(inside)), 0, 1),
    ...{ logCdf, logSurvival },
  };
}
