import {
  checkArguments,
  describeAxes,
  SurmiseError,
  sameAxes,
  type Tensor,
  withoutAxes,
} from "../tensor/internal.ts";
import { DISTRIBUTION, type Distribution } from "./distribution.ts";
import { parameterBarrier } from "./family/barriers.ts";
import { sumPrecisely } from "./family/sums.ts";

/**
 * The Kullback-Leibler divergence KL(q || p) = E_q[log q(x) - log p(x)] in nats, summed over the
 * event axes, or undefined where the two share no closed form. Axes: the union of
 * those of q and p without event axes.
 *
 * @throws SurmiseError if q and p differ in their event axes or in the axis of their categories.
 */
export function kl(q: Distribution, p: Distribution): Tensor | undefined {
  checkArguments("kl", { q, p }, DISTRIBUTION);
  const form = q.divergence?.form;
  if (form === undefined || form !== p.divergence?.form) return undefined;
  if (!sameAxes(q.eventAxes, p.eventAxes)) {
    throw new SurmiseError(
      `kl: q has event axes ${describeAxes(q.eventAxes)}, p has ${describeAxes(p.eventAxes)}`,
    );
  }
  if (q.support.kind === "index" && p.support.kind === "index") {
    const [a, b] = [q.support.axis, p.support.axis];
    if (a !== b) {
      throw new SurmiseError(
        `kl: q is over positions along ${describeAxes([a])}, p along ${describeAxes([b])}: ` +
          "use the same axis object",
      );
    }
  }
  const each = form(knownBy(q), knownBy(p));
  const checks = [parameterBarrier(q), parameterBarrier(p)];
  const checked = checks.reduce((sum, x) => (x === undefined ? sum : sum?.add(x)), each);
  return checked && sumPrecisely(checked, withoutAxes(q.eventAxes, q.dimensions));
}

/** A distribution with the parameters by which its closed form knows it. */
function knownBy(d: Distribution): Distribution {
  return { ...d, parameters: d.divergence?.parameters ?? d.parameters };
}
