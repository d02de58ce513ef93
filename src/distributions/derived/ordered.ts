import {
  type Axis,
  axis,
  cast,
  checkArguments,
  checkAxis,
  describeAxes,
  index,
  rename,
  SurmiseError,
  select,
  sum,
  type Tensor,
} from "../../tensor/internal.ts";
import { DISTRIBUTION, type Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { sumAlong } from "../family/sums.ts";
import { describeSupport } from "../support/support.ts";
import { refuseMasked } from "./masked.ts";

/**
 * Independent draws of `each` along an axis, given that they increase: the prior of the cutpoints of ordinal
 * regression, or of the centres of a mixture whose kinds are told apart by their order,
 *
 *     log p(x) = sum_k log p_each(x_k) + log n!,  x_1 < x_2 < ... < x_n.
 *
 * The axis is a dimension of the draw. Where `each` varies along it, the density is not normalised (log n! is left
 * out), as it is where a model states priors of ordered numbers one by one. Drawn by sorting.
 *
 * @throws SurmiseError if draws of `each` are not single real or positive numbers; where it is drawn from, if `each`
 * varies along the axis.
 *
 * @example const cutpoints = sample("cutpoints", ordered(normal(0, 5), cut))
 */
export function ordered(each: Distribution, along: Axis): Distribution {
  checkArguments("ordered", { each }, DISTRIBUTION);
  checkAxis("ordered", along);
  refuseMasked("ordered", each);
  const { kind } = each.support;
  if ((kind !== "real" && kind !== "positive") || each.eventAxes.length > 0) {
    const events =
      each.eventAxes.length > 0 ? ` and event axes ${describeAxes(each.eventAxes)}` : "";
    throw new SurmiseError(
      `ordered: a ${each.name} has the support '${describeSupport(each.support)}'${events}; a distribution of ` +
        "single real or positive numbers is needed",
    );
  }
  const isSame = !each.axes.includes(along);
  const ways = isSame ? logFactorial(along.size) : 0;
  return distribution({
    name: "ordered",
    composed: true,
    parameters: each.parameters,
    constraints: each.constraints,
    ...(each.improper && { improper: each.improper }),
    axes: each.axes.filter((a) => a !== along),
    dimensions: [along],
    dtype: each.dtype,
    support: { kind: kind === "real" ? "ordered" : "positiveOrdered", axis: along },
    reparameterised: false,
    logProb: (x) => sumAlong(each.logProb(x), [along]).add(ways),
    sample: (key, axes) => {
      if (isSame) return sorted(each.sample(key, axes), along);
      throw new SurmiseError(
        `ordered: its ${each.name} varies along '${along.name}': numbers that are not alike cannot be drawn in order`,
      );
    },
  });
}

/** log n!. */
function logFactorial(n: number): number {
  let total = 0;
  for (let k = 2; k <= n; k++) total += Math.log(k);
  return total;
}

/** The numbers along an axis in ascending order: each goes to the place of its rank. */
function sorted(x: Tensor, along: Axis): Tensor {
  const other = axis(`${along.name} (other)`, along.size);
  const others = rename(x, along, other);
  const [here, there] = [index(along), index(other)];
  const isBefore = select(others.eq(x), there.lt(here), others.lt(x));
  const rank = rename(cast(sum(isBefore, other), "int32"), along, other);
  return sum(select(rank.eq(here), others, 0), other);
}
