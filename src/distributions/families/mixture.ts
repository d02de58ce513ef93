import {
  type Axis,
  checkArguments,
  exp,
  fold,
  gatherClamped,
  logSumExp,
  minimum,
  SurmiseError,
  select,
  square,
  stopGradient,
  sum,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";
import { refuseMasked } from "../derived/masked.ts";
import { DISTRIBUTION, type Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { REAL } from "../support/support.ts";
import { drawPosition, normalised, type Weights } from "./categorical.ts";

/**
 * A mixture of the members of `components` along an axis, which is summed out: with the normalised
 * weights w_k,
 *
 *     log p(x) = log sum_k w_k p_k(x).
 *
 * The axis comes with the weights. Event axes that belong to one draw of all components stand in
 * the components: in mixture(w, normal(m, s).event(feature)) all features of a draw come from one
 * of them; in mixture(w, normal(m, s)).event(feature) each from its own.
 *
 * @throws SurmiseError if the axis is an event axis of the components or their support varies along
 * it, or as `categorical`.
 *
 * @example observe("x", mixture(weights, normal(centres, 1)), x)
 */
export function mixture(weights: Weights, components: Distribution, along?: Axis): Distribution {
  checkArguments("mixture", { components }, DISTRIBUTION);
  refuseMasked("mixture", components);
  const { logits, axis, probs } = normalised("mixture", weights, along);
  if (components.eventAxes.includes(axis)) {
    throw new SurmiseError(
      `mixture: '${axis.name}' is an event axis of its ${components.name}: the axis of the ` +
        "components must not be one of a draw",
    );
  }
  const { low, high } = components.support as { low?: Tensor; high?: Tensor };
  if (low?.has(axis) || high?.has(axis)) {
    throw new SurmiseError(
      `mixture: the support of its ${components.name} varies along '${axis.name}': all components ` +
        "must have the same",
    );
  }
  const probability = exp(logits);
  const average = (x: Tensor) => sum(probability.mul(x), axis);
  const dimensions = components.eventAxes;
  const single = dimensions.length === 0;
  return distribution({
    name: "mixture",
    composed: true,
    parameters: { ...components.parameters, logWeights: logits },
    constraints: { ...components.constraints, logWeights: REAL },
    axes: withoutAxes(unionAxes(logits.axes, components.axes), [axis]),
    dimensions,
    dtype: components.dtype,
    support: components.support,
    reparameterised: false,
    ...(components.improper && { improper: components.improper }),
    components: { axis, logWeights: logits, distribution: components },
    logProb: (x) => logOfSum(components.logProb(x), logits, axis, probs),
    sample: (key, axes) => {
      const draws = components.sample(fold(key, "components"), [...axes, axis]);
      const one = drawPosition(fold(key, "which"), withoutAxes(axes, dimensions), logits, axis);
      return gatherClamped(draws, axis, one);
    },
    mean: () => average(components.mean()),
    variance: () => {
      const mean = components.mean();
      const inner = average(components.variance());
      return inner.add(average(square(mean.sub(average(mean)))));
    },
    ...(single && {
      cdf: (x: Tensor) => average(components.cdf(x)),
      logCdf: (x: Tensor) => logSumExp(components.logCdf(x).add(logits), axis),
      logSurvival: (x: Tensor) => logSumExp(components.logSurvival(x).add(logits), axis),
    }),
  });
}

/** A component without weight is told how dense it is next to all others up to exp of this. */
const MOST_APART = 80;

/**
 * log sum_k w_k p_k of log p_k and log w_k. Where the weights are given as such, one of 0 adds nothing, and has the
 * derivative that p_k is over the sum.
 */
function logOfSum(density: Tensor, logits: Tensor, axis: Axis, probs?: Tensor): Tensor {
  const known = logSumExp(density.add(logits), axis);
  if (probs === undefined) return known;
  const apart = minimum(density.sub(stopGradient(known)), MOST_APART);
  const none = probs.eq(0);
  return known.add(sum(select(none, probs.mul(exp(select(none, apart, 0))), 0), axis));
}
